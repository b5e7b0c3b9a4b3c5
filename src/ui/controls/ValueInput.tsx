import { TextInput } from "@mantine/core";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { type Param, type ParamValue, sameValue } from "../../core/params.ts";
import { isComposing } from "./composing.ts";
import { keyboardFor } from "./keyboard.ts";
import { neighbour } from "./stops.ts";

interface ValueInputProps {
  id: string;
  param: Param<ParamValue>;
  value: ParamValue;
  /** Called with legal values only. */
  onCommit(value: ParamValue): void;
  stops?: readonly number[];
  /** Says what is wrong with the text, or null; without it the message is shown here. */
  onProblem?(problem: string | null): void;
  describedBy?: string;
  width?: number | string;
  /** Above the field; without it, a label stands elsewhere on the page. */
  label?: string;
  /** What it is called where no label stands. */
  name?: string;
  disabled?: boolean;
}

/** Time to finish a number: "0.01" is not to pass through 0. */
const TYPING = 500; // ms

/**
 * The one way to enter a number on the page: a value as text. What is legal is committed on Enter, on leaving, or when typing
 * pauses. What is not stays visible with the legal range beside it, and changes nothing. Escape gives it up; the arrow keys
 * go to the next sensible number.
 */
export function ValueInput(props: ValueInputProps) {
  const { id, param, value, onCommit, stops, onProblem, describedBy, width = 84, label, name, disabled } = props;
  const [draft, setDraft] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const timer = useRef(0);

  const judge = (next: string | null) => {
    setProblem(next);
    onProblem?.(next);
  };

  // A value that changed elsewhere (the slider, the address, a reset) replaces the text.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new value counts
  useEffect(() => {
    setDraft((text) => {
      const parsed = text === null ? null : param.parse(text);
      return parsed?.ok && sameValue(param, parsed.value, value) ? text : null;
    });
    judge(null);
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const settle = (text: string | null, done: boolean) => {
    clearTimeout(timer.current);
    if (text === null) return;
    const parsed = param.parse(text);
    judge(parsed.ok ? null : `${param.label} ${parsed.problem}`);
    if (!parsed.ok) return;
    onCommit(parsed.value);
    if (done) setDraft(null);
  };

  /** Settles the text when typing pauses. */
  const wait = (text: string) => {
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => settle(text, false), TYPING);
  };

  const onChange = ({ currentTarget, nativeEvent }: FormEvent<HTMLInputElement>) => {
    setDraft(currentTarget.value);
    if ((nativeEvent as InputEvent).isComposing) clearTimeout(timer.current);
    else wait(currentTarget.value);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === "Enter") settle(draft, true);
    else if (event.key === "Escape" && draft !== null) {
      clearTimeout(timer.current);
      setDraft(null);
      judge(null);
    } else if (stops && typeof value === "number" && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      setDraft(null);
      onCommit(neighbour(stops, value, event.key === "ArrowUp" ? 1 : -1));
    }
  };

  const problemId = `${id}-problem`;
  return (
    <>
      <TextInput
        id={id}
        size="xs"
        w={width}
        label={label}
        aria-label={name}
        disabled={disabled}
        inputMode={keyboardFor(param)}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        value={draft ?? param.format(value)}
        error={problem !== null}
        aria-describedby={[problem ? problemId : null, describedBy].filter(Boolean).join(" ") || undefined}
        // The Escape that gives up a text does not close the dialog around it.
        data-mantine-stop-propagation={draft !== null || undefined}
        onChange={onChange}
        onCompositionEnd={(event) => wait(event.currentTarget.value)}
        onBlur={() => settle(draft, true)}
        onKeyDown={onKeyDown}
      />
      {problem !== null && !onProblem && (
        <div id={problemId} role="alert" className="floating-problem">
          {problem}. In effect: {param.format(value)}.
        </div>
      )}
    </>
  );
}
