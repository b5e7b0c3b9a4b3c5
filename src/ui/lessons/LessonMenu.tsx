import { NativeSelect } from "@mantine/core";
import { usePage } from "../store.ts";
import { type LessonId, lessonTitles } from "./titles.ts";

const titles = Object.entries(lessonTitles).map(([value, label], i) => ({ value, label: `${i + 1}. ${label}` }));

/** Opens a lesson beside the run, or closes it. */
export function LessonMenu() {
  const lesson = usePage((s) => s.lesson);
  const setLesson = usePage((s) => s.setLesson);
  return (
    <NativeSelect
      w={112}
      aria-label="Lessons"
      title="Guided runs, each with a prediction to make first"
      data={[{ value: "", label: lesson === null ? "Lessons" : "No lesson" }, ...titles]}
      value={lesson ?? ""}
      onChange={(e) => setLesson(e.currentTarget.value === "" ? null : (e.currentTarget.value as LessonId))}
    />
  );
}
