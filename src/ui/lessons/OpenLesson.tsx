import { lazy, Suspense } from "react";
import { usePage } from "../store.ts";

const LessonPanel = lazy(() => import("./LessonPanel.tsx"));

/** The open lesson, loaded with its texts when there is one. */
export function OpenLesson() {
  const lesson = usePage((s) => s.lesson);
  if (lesson === null) return null;
  return (
    <Suspense>
      <LessonPanel key={lesson} id={lesson} />
    </Suspense>
  );
}
