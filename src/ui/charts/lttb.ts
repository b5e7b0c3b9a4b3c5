/**
 * Largest triangle three buckets: the points of a curve that keep its look.   Steinarsson 2013, "Downsampling Time
 * Series for Visual Representation", University of Iceland, §4.2
 *
 * @returns at most n of the points in their order, the first and the last among them
 */
export function lttb<P>(points: readonly P[], n: number, x: (p: P) => number, y: (p: P) => number): P[] {
  if (points.length <= n || n < 3) return points.length <= n ? [...points] : [points[0], points[points.length - 1]];
  const taken = [points[0]];
  const bucket = (points.length - 2) / (n - 2);
  const start = (k: number) => Math.floor(k * bucket) + 1;
  for (let k = 0; k < n - 2; k++) {
    const next = points.slice(start(k + 1), Math.min(start(k + 2), points.length));
    const meanX = next.reduce((sum, p) => sum + x(p), 0) / next.length;
    const meanY = next.reduce((sum, p) => sum + y(p), 0) / next.length;
    const from = taken[taken.length - 1];
    let best = points[start(k)];
    let largest = -1;
    for (let i = start(k); i < start(k + 1); i++) {
      const p = points[i];
      // twice the area of the triangle of the last point taken, this one, and the mean of the next bucket
      const area = Math.abs((x(from) - meanX) * (y(p) - y(from)) - (x(from) - x(p)) * (meanY - y(from)));
      if (area > largest) {
        largest = area;
        best = p;
      }
    }
    taken.push(best);
  }
  taken.push(points[points.length - 1]);
  return taken;
}
