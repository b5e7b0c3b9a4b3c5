/** What is dropped where nothing takes it: a browser would open it in the place of the page, and of the run. */

/** Refuses files and links wherever no part of the page has taken them; text may still be dropped into a field. */
export function refuseDrops(): void {
  const refuse = (event: DragEvent) => {
    const { dataTransfer, target } = event;
    if (event.defaultPrevented || dataTransfer === null) return;
    const isFile = dataTransfer.types.includes("Files");
    if (!isFile && target instanceof Element && target.closest("input, textarea")) return;
    event.preventDefault();
    dataTransfer.dropEffect = "none";
  };
  window.addEventListener("dragover", refuse);
  window.addEventListener("drop", refuse);
}
