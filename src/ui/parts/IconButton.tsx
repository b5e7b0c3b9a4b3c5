/** A button that shows an icon and says its name: to a screen reader, and in a tooltip for pointer and keyboard. */
import { ActionIcon, Tooltip } from "@mantine/core";
import type { ReactNode, Ref } from "react";

interface IconButtonProps {
  label: string;
  /** The key that does the same, e.g. "S". */
  shortcut?: string;
  onClick(): void;
  disabled?: boolean;
  expanded?: boolean;
  children: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

export function IconButton({ label, shortcut, onClick, disabled, expanded, children, ref }: IconButtonProps) {
  return (
    <Tooltip
      label={shortcut ? `${label} (${shortcut})` : label}
      events={{ hover: true, focus: true, touch: false }}
      openDelay={300}
      disabled={expanded === true}
    >
      <ActionIcon
        ref={ref}
        variant="subtle"
        color="gray"
        c="var(--ink)"
        size={32}
        aria-label={label}
        aria-expanded={expanded}
        aria-keyshortcuts={shortcut}
        disabled={disabled}
        onClick={onClick}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
