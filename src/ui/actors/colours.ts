import type { Colours } from "./draw.ts";

/** Of the world, by the page's scheme. */
export const colours: Record<"light" | "dark", Colours> = {
  light: { ink: "#1b1e22", muted: "#8b929a", line: "#c5cad0", surface: "#ffffff", land: "#eceff2" },
  dark: { ink: "#dcdfe3", muted: "#757c85", line: "#40464d", surface: "#15171a", land: "#23272c" },
};
