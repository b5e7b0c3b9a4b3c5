/** Keys that belong to an input method: they choose and confirm characters, and do nothing to the page. */
import type { KeyboardEvent } from "react";

/** Safari sends the key that confirms after it has ended the composition, with the code that stands for an input method. */
const INPUT_METHOD = 229;

export const isComposing = ({ nativeEvent, keyCode }: Pick<KeyboardEvent, "nativeEvent" | "keyCode">): boolean =>
  nativeEvent.isComposing || keyCode === INPUT_METHOD;
