import { NativeSelect } from "@mantine/core";
import { usePage } from "../state/store.ts";
import { type LessonId, lessonIds, lessonTitles } from "./titles.ts";

const titles = lessonIds.map((value, i) => ({ value, label: `${i + 1}. ${lessonTitles[value]}` }));

/** Opens a lesson beside the run. The panel has the button that closes it. */
export function LessonMenu() {
  const lesson = usePage((s) => s.lesson);
  const setLesson = usePage((s) => s.setLesson);
  const shown = lesson === null ? "Lessons" : `Lesson ${lessonIds.indexOf(lesson) + 1}`;
  return (
    <NativeSelect
      w={104}
      style={{ flex: "none" }}
      aria-label="Lessons"
      title="Guided runs, each with a prediction to make first"
      data={[{ value: "", label: shown, disabled: true }, ...titles]}
      value=""
      onChange={(e) => setLesson(e.currentTarget.value as LessonId)}
    />
  );
}
