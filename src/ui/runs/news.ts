/** What tabs tell each other of the database: which records have changed. Each reads for itself what stands there now. */
export interface News {
  /** Ids. */
  readonly runs?: readonly string[];
  readonly studies?: readonly string[];
}

let channel: BroadcastChannel | null = null;
const heeding = new Set<(news: News) => void>();

export function tellTabs(news: News): void {
  channel?.postMessage(news);
}

/** Calls `heed` with what other tabs tell. Returns how to stop. */
export function followTabs(heed: (news: News) => void): () => void {
  if (!channel && typeof BroadcastChannel === "function") {
    channel = new BroadcastChannel("cartpool");
    channel.onmessage = ({ data }: MessageEvent<News>) => {
      for (const each of heeding) each(data);
    };
  }
  heeding.add(heed);
  return () => {
    heeding.delete(heed);
    if (heeding.size > 0) return;
    channel?.close();
    channel = null;
  };
}
