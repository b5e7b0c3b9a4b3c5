/** Files for the person: the one way out of the page, and the one way to say why there is none. */

export interface SavedFile {
  readonly name: string;
  readonly content: BlobPart;
  /** MIME type */
  readonly type: string;
}

function save({ name, content, type }: SavedFile): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message || error.name : String(error));

/**
 * Makes files and hands them to the person: all of them, or none.
 *
 * @param what "The curve as PNG"
 * @returns null, or a sentence that says why there are none; it never throws
 */
export async function handOver(
  what: string,
  make: () => readonly SavedFile[] | Promise<readonly SavedFile[]>,
): Promise<string | null> {
  try {
    for (const file of await make()) save(file);
    return null;
  } catch (error) {
    return `${what} cannot be exported: ${reasonOf(error).replace(/\.$/, "")}.`;
  }
}
