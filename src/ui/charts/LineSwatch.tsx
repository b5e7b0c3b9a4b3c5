import type { LineStyle } from "../parts/palette.ts";

/** A line as it stands on the chart, for a legend or beside a name. */
export function LineSwatch({ style: { colour, dash }, width = 2.5 }: { style: LineStyle; width?: number }) {
  return (
    <svg width="20" height="8" aria-hidden="true">
      <path d="M0 4h20" stroke={colour} strokeWidth={width} strokeDasharray={dash} />
    </svg>
  );
}
