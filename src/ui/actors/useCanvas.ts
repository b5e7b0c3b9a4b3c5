/** A canvas that is as sharp as the screen, known to be visible or not, and drawn from the page's one frame loop. */
import { type RefObject, useEffect, useRef } from "react";
import type { Snapshot } from "../../runtime/seen/view.ts";
import { everyFrame } from "../state/frame.ts";

/** Few and small shapes: drawn by the processor, which leaves the graphics hardware to the learner. */
const IN_MEMORY = { willReadFrequently: true } as const;

export interface Surface {
  context: CanvasRenderingContext2D;
  width: number; // CSS pixels
  height: number;
  ratio: number;
}

/**
 * Draws once in `interval` milliseconds while the canvas is on screen.
 * draw: false says that nothing has been drawn; `fresh` says that it must be (new size, back on screen).
 */
export function useCanvas(
  ref: RefObject<HTMLCanvasElement | null>,
  draw: (surface: Surface, snapshot: Snapshot, fresh: boolean) => void,
  interval: number,
): void {
  const latest = useRef(draw);
  const stale = useRef(true);
  useEffect(() => {
    latest.current = draw;
    stale.current = true;
  }, [draw]);
  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext("2d", IN_MEMORY) as CanvasRenderingContext2D | null | undefined;
    if (!canvas || !context) return;
    const surface: Surface = { context, width: 0, height: 0, ratio: 1 };
    let visible = false;
    const measure = new ResizeObserver(([{ contentRect }]) => {
      const ratio = window.devicePixelRatio || 1;
      Object.assign(surface, { width: contentRect.width, height: contentRect.height, ratio });
      const width = Math.round(contentRect.width * ratio);
      const height = Math.round(contentRect.height * ratio);
      if (canvas.width === width && canvas.height === height) return; // setting them would clear the canvas
      canvas.width = width;
      canvas.height = height;
      stale.current = true;
    });
    const watch = new IntersectionObserver((entries) => {
      visible = entries[entries.length - 1].isIntersecting;
      stale.current ||= visible;
    });
    measure.observe(canvas);
    watch.observe(canvas);
    const stop = everyFrame((snapshot) => {
      if (!visible || surface.width === 0) return;
      latest.current(surface, snapshot, stale.current);
      stale.current = false;
    }, interval);
    return () => {
      stop();
      measure.disconnect();
      watch.disconnect();
    };
  }, [ref, interval]);
}
