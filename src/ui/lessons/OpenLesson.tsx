import { Boundary } from "../faults/Boundary.tsx";
import { part } from "../faults/part.tsx";
import { usePage } from "../state/store.ts";

const LessonPanel = part(() => import("./LessonPanel.tsx"));

/** The open lesson, loaded with its texts when there is one. */
export function OpenLesson() {
  const lesson = usePage((s) => s.lesson);
  const close = usePage((s) => s.setLesson);
  if (lesson === null) return null;
  return (
    <Boundary key={lesson} of="the lesson" onClose={() => close(null)}>
      <LessonPanel id={lesson} />
    </Boundary>
  );
}
