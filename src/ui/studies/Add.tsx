import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import type { AlgorithmId } from "../../algorithms/index.ts";
import { plain } from "../../core/numerals.ts";
import { readWord } from "../../core/params.ts";
import { algorithmsOf, paramsOf, type RunConfig, switchTo } from "../../runtime/plan/config.ts";
import { isComposing } from "../controls/composing.ts";
import classes from "./studies.module.css";
import { gridOf } from "./study.ts";
import { readValues } from "./values.ts";

interface AddProps {
  configs: readonly RunConfig[];
  /** Puts configurations beside those that there are, or in their place; a sentence where they are too many or alike. */
  onAdd(configs: readonly RunConfig[]): string | null;
  onReplace(configs: readonly RunConfig[]): string | null;
}

/** Values of a hyperparameter, or other algorithms: of the first configuration beside the others, or of all of them as a grid. */
export function Add({ configs, onAdd, onReplace }: AddProps) {
  const [base] = configs;
  const [key, setKey] = useState("lr");
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const params = paramsOf(base.algo, base.env);
  const options = [
    { value: "algo", label: "Algorithm" },
    ...Object.entries(params)
      .filter(([name]) => !["seed", "pace", "until"].includes(name))
      .map(([value, { label }]) => ({ value, label })),
  ];
  /** A configuration with each of the values. Throws a sentence where one is illegal. */
  const varied = (config: RunConfig): RunConfig[] => {
    if (key === "algo") {
      const ids: string[] = algorithmsOf(config.env);
      const named = plain(text)
        .split(/ ?[,;] ?/)
        .map((part) => readWord(part, ids));
      const unknown = named.find((id) => !ids.includes(id));
      if (unknown !== undefined) throw new Error(`algo must be one of ${ids.join(", ")}, not "${unknown}"`);
      return named.map((id) => switchTo(config, { algo: id as AlgorithmId }));
    }
    const parsed = readValues(params[key], text);
    if (!parsed.ok) throw new Error(`${key} ${parsed.problem}`);
    return gridOf(config, [{ key, values: parsed.value }]);
  };
  const add = (asGrid: boolean) => {
    try {
      setProblem(asGrid ? onReplace(configs.flatMap(varied)) : onAdd(varied(base)));
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <div className={classes.add}>
      <NativeSelect size="xs" label="Vary" data={options} value={key} onChange={(e) => setKey(e.currentTarget.value)} />
      <TextInput
        size="xs"
        label={key === "hidden" ? "values, with semicolons" : "values, with commas"}
        placeholder={key === "algo" ? "a2c, a3c" : "0.003, 0.03"}
        value={text}
        onChange={(e) => setText(e.currentTarget.value)}
        onKeyDown={(e) => e.key === "Enter" && !isComposing(e) && add(false)}
        error={problem}
      />
      <Button size="xs" variant="default" onClick={() => add(false)} disabled={text.trim() === ""}>
        Add
      </Button>
      <Button
        size="xs"
        variant="default"
        title="Every configuration with each of the values"
        onClick={() => add(true)}
        disabled={text.trim() === ""}
      >
        Make a grid
      </Button>
    </div>
  );
}
