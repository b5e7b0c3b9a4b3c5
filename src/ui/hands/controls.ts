/** What a person holds: keys, a place on the picture, a slider. */

/** Keys and pointer of one player, −1 (left) to 1 (right). */
export class Controls {
  private readonly down = new Set<-1 | 1>();
  private dragged: number | null = null;
  private level = 0;
  private latched: number | null = null;

  /** @param springs whether they go back to the slider, or to the middle, when let go; else the last direction holds */
  constructor(private readonly springs: boolean) {}

  /** null: nobody has touched them yet. */
  get held(): number | null {
    return this.latched;
  }

  press(side: -1 | 1): void {
    this.down.add(side);
    this.update(side);
  }

  release(side: -1 | 1): void {
    if (this.down.delete(side)) this.update(this.latched);
  }

  /** A pointer that is down at a place; null: it is up again. */
  drag(to: number | null): void {
    if (this.dragged === null && to === null) return;
    this.dragged = to === null ? null : Math.max(-1, Math.min(1, to));
    this.update(this.dragged ?? this.latched);
  }

  /** Where the controls rest while nothing else holds them. */
  rest(level: number): void {
    this.level = level;
    this.update(this.latched);
  }

  /** Nobody touches them, as before an episode. */
  letGo(): void {
    this.down.clear();
    this.dragged = null;
    this.level = 0;
    this.latched = null;
  }

  private update(otherwise: number | null): void {
    const { down, dragged, level } = this;
    if (!this.springs) this.latched = otherwise;
    else if (down.size > 0) this.latched = [...down].reduce<number>((sum, side) => sum + side, 0);
    else this.latched = dragged ?? level;
  }
}
