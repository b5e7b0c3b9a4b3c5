/** The few icons of the page, 16 units square, in the colour of the text. */
import type { ReactNode } from "react";

const icon = (shapes: ReactNode) => () => (
  <svg
    viewBox="0 0 16 16"
    width="16"
    height="16"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.5"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
  >
    {shapes}
  </svg>
);

export const PlayIcon = icon(<path d="M4.5 2.8v10.4L13 8z" fill="currentColor" stroke="none" />);
export const PauseIcon = icon(<path d="M4 3h3v10H4zM9 3h3v10H9z" fill="currentColor" stroke="none" />);
export const StepIcon = icon(
  <>
    <path d="M3.5 3v10L10.5 8z" fill="currentColor" stroke="none" />
    <path d="M12.5 3.5v9" strokeWidth="2" />
  </>,
);
export const ResetIcon = icon(<path d="M3 8a5 5 0 1 0 1.6-3.7M3 2.6v2.6h2.6" />);
export const FastIcon = icon(<path d="M2 3.2v9.6L8 8zM8 3.2v9.6L14 8z" fill="currentColor" stroke="none" />);
export const ShareIcon = icon(
  <path d="M6.6 9.4a2.6 2.6 0 0 0 3.7 0l2.4-2.4A2.6 2.6 0 0 0 9 3.3l-.7.7M9.4 6.6a2.6 2.6 0 0 0-3.7 0L3.3 9A2.6 2.6 0 0 0 7 12.7l.7-.7" />,
);
export const SunIcon = icon(
  <>
    <circle cx="8" cy="8" r="2.8" />
    <path d="M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9" />
  </>,
);
export const MoonIcon = icon(<path d="M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z" />);
export const HelpIcon = icon(
  <>
    <circle cx="8" cy="8" r="6.2" />
    <path d="M6.2 6.2c.2-2.2 3.7-2.1 3.6 0 0 1.3-1.8 1.5-1.8 2.8M8 11.4v.1" />
  </>,
);
export const InfoIcon = icon(
  <>
    <circle cx="8" cy="8" r="5.6" />
    <path d="M8 7.4v3.2M8 5.2v.1" />
  </>,
);
export const UndoIcon = icon(<path d="M3.2 6.5h6a3.3 3.3 0 0 1 0 6.6H6.5M5.8 3.8 3.2 6.5l2.6 2.6" />);
/** The mark of Cartpool: a pole on a cart. */
export const Mark = () => (
  <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
    <path d="M10 12.5 13.6 2" stroke="#0072B2" strokeWidth="2.4" strokeLinecap="round" />
    <rect x="4.5" y="11.5" width="11" height="5" rx="1" fill="currentColor" />
    <path d="M1 18.2h18" stroke="currentColor" strokeWidth="1.2" />
  </svg>
);
