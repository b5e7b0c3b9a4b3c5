import { describe, expect, test } from "vitest";
import { Controls } from "../../../src/ui/hands/controls.ts";

describe("controls without a middle", () => {
  test("hold the last direction, by key or pointer", () => {
    const controls = new Controls(false);
    expect(controls.held).toBeNull();
    controls.press(1);
    controls.release(1);
    expect(controls.held).toBe(1);
    controls.press(-1);
    expect(controls.held).toBe(-1);
    controls.letGo();
    controls.release(-1);
    expect(controls.held).toBeNull();
  });
});

describe("controls that spring back", () => {
  test("hold the keys that are down, and both are neither", () => {
    const controls = new Controls(true);
    controls.press(-1);
    expect(controls.held).toBe(-1);
    controls.press(1);
    expect(controls.held).toBe(0);
    controls.release(-1);
    expect(controls.held).toBe(1);
    controls.release(1);
    expect(controls.held).toBe(0);
  });

  test("hold where the pointer drags, within the ends, and go back to the slider", () => {
    const controls = new Controls(true);
    controls.drag(0.4);
    expect(controls.held).toBe(0.4);
    controls.drag(3);
    expect(controls.held).toBe(1);
    controls.drag(null);
    expect(controls.held).toBe(0);
    controls.rest(-0.25);
    controls.press(1);
    expect(controls.held).toBe(1);
    controls.release(1);
    expect(controls.held).toBe(-0.25);
  });

  test("a key or a pointer that is let go after the episode begins nothing", () => {
    const controls = new Controls(true);
    controls.press(1);
    controls.drag(0.5);
    controls.letGo();
    controls.release(1);
    controls.drag(null);
    expect(controls.held).toBeNull();
  });
});
