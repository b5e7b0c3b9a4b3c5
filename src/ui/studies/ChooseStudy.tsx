import { NativeSelect } from "@mantine/core";
import { useEffect } from "react";
import { plural } from "../parts/format.ts";
import { when } from "../runs/when.ts";
import { configsOf } from "./kept.ts";
import type { Study } from "./outcome.ts";
import { recallStudy, showStudy, useStudy } from "./store.ts";
import { labelsOf } from "./study.ts";

function titleOf(study: Study): string {
  const { begun, total, outcomes } = study;
  const configs = configsOf(study);
  const labels = labelsOf(configs).join(", ");
  const runs = outcomes.length < total ? `${outcomes.length} of ${plural(total, "run")}` : plural(total, "run");
  return [begun && when(begun), configs[0].env, labels.length > 60 ? `${labels.slice(0, 59)}…` : labels, runs]
    .filter(Boolean)
    .join(" · ");
}

/** Which of the comparisons that are kept is shown, where there are others. */
export function ChooseStudy({ busy }: { busy: boolean }) {
  const { id, kept } = useStudy();
  useEffect(() => void recallStudy(), []);
  if (kept.every((one) => one.id === id)) return null;
  return (
    <NativeSelect
      size="xs"
      label="Kept comparisons"
      value={id ?? ""}
      disabled={busy}
      onChange={(e) => showStudy(e.currentTarget.value)}
      data={[
        ...(id === null || kept.every((one) => one.id !== id) ? [{ value: id ?? "", label: "A new one" }] : []),
        ...kept.map(({ id, study }) => ({ value: id, label: titleOf(study) })),
      ]}
    />
  );
}
