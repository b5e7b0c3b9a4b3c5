import { serveSolo } from "./soloThread.ts";

serveSolo({
  post: (message, transfer = []) => postMessage(message, { transfer }),
  onOrder: (obey) => addEventListener("message", ({ data }) => obey(data)),
});
