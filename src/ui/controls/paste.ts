/** Pasting into a field of one line, which would leave line ends out and let words run together. */
import type { ClipboardEvent } from "react";
import { oneLine } from "../../core/text.ts";

/** Line ends, tabs and other controls of what is pasted become blanks. React hears of the change as of typing. */
export function pasteOnOneLine(event: ClipboardEvent<HTMLInputElement>): void {
  const field = event.currentTarget;
  const pasted = event.clipboardData.getData("text/plain");
  const line = oneLine(pasted, pasted.length);
  if (line === pasted.trim()) return;
  event.preventDefault();
  const [from, to] = [field.selectionStart ?? field.value.length, field.selectionEnd ?? field.value.length];
  const room = field.maxLength < 0 ? line.length : field.maxLength - (field.value.length - (to - from));
  field.setRangeText(oneLine(line, Math.max(0, room)), from, to, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
