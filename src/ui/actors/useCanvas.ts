/** A canvas that is as sharp as the screen, known to be visible or not, and drawn from the page's one frame loop. */
import { type RefObject, useEffect } from "react";
import type { Snapshot } from "../../runtime/view.ts";
import { everyFrame } from "../frame.ts";

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
  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext("2d");
    if (!canvas || !context) return;
    const surface: Surface = { context, width: 0, height: 0, ratio: 1 };
    let visible = false;
    let fresh = true;
    const measure = new ResizeObserver(([{ contentRect }]) => {
      const ratio = window.devicePixelRatio || 1;
      Object.assign(surface, { width: contentRect.width, height: contentRect.height, ratio });
      canvas.width = Math.round(contentRect.width * ratio);
      canvas.height = Math.round(contentRect.height * ratio);
      fresh = true;
    });
    const watch = new IntersectionObserver((entries) => {
      visible = entries[entries.length - 1].isIntersecting;
      fresh ||= visible;
    });
    measure.observe(canvas);
    watch.observe(canvas);
    const stop = everyFrame((snapshot) => {
      if (!visible || surface.width === 0) return;
      draw(surface, snapshot, fresh);
      fresh = false;
    }, interval);
    return () => {
      stop();
      measure.disconnect();
      watch.disconnect();
    };
  }, [ref, draw, interval]);
}
