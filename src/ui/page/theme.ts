/** Mantine in the page's own terms: one accent, neutral surfaces, Inter, text that keeps a contrast of 4.5:1. */
import { type CSSVariablesResolver, createTheme, Tooltip } from "@mantine/core";

/** Where tooltips stand in the document: inside a landmark, the footer. */
export const TIPS = "tips";

export const theme = createTheme({
  fontFamily: '"Inter Variable", system-ui, sans-serif',
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  primaryColor: "accent",
  primaryShade: { light: 6, dark: 6 },
  defaultRadius: 3,
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Tooltip: Tooltip.extend({ defaultProps: { portalProps: { target: `#${TIPS}` } } }),
    // Nothing moves but data.
    Popover: { defaultProps: { transitionProps: { duration: 0 } } },
    Menu: { defaultProps: { transitionProps: { duration: 0 } } },
  },
  colors: {
    // Okabe–Ito blue at shade 6.
    accent: [
      "#e8f3fa",
      "#cde4f3",
      "#9ccae8",
      "#6bb1dd",
      "#4aa3d8",
      "#1d83c2",
      "#0072b2",
      "#00639b",
      "#005282",
      "#00406a",
    ],
    dark: [
      "#dcdfe3",
      "#b9bec4",
      "#9aa0a8",
      "#6c737b",
      "#40464d",
      "#2e3339",
      "#202429",
      "#15171a",
      "#101214",
      "#0a0b0c",
    ],
  },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#5a616a",
    "--mantine-color-error": "#b42318",
    "--mantine-color-text": "#1b1e22",
    "--mantine-color-default-border": "#c9ced4",
  },
  dark: {
    "--mantine-color-dimmed": "#9aa0a8",
    "--mantine-color-error": "#ff9c8f",
    "--mantine-color-default-border": "#40464d",
  },
});
