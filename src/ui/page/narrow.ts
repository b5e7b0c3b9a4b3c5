import { useMediaQuery } from "@mantine/hooks";

/** Whether the page has one column. The same width as in the style sheets. */
export const useNarrow = (): boolean => useMediaQuery("(max-width: 799px)", false, { getInitialValueInEffect: false });
