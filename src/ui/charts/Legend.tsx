import { plural } from "../parts/format.ts";
import { useLines } from "../state/overlays.ts";
import classes from "./charts.module.css";
import { LineSwatch } from "./LineSwatch.tsx";

/** What is not written beside its line. */
export function Legend() {
  const { overlays, style, name, others } = useLines();
  const { colour } = style;
  return (
    <ul className={classes.legend}>
      <li>
        <LineSwatch style={style} />
        {name ? `${name}, smoothed` : "smoothed"}
      </li>
      <li>
        <svg width="18" height="10" aria-hidden="true">
          <path d="M0 0h18v10H0z" fill={colour} opacity="0.16" />
          <path d="M0 5h18" stroke={colour} strokeOpacity="0.55" />
        </svg>
        mean, min–max
      </li>
      <li>
        <svg width="8" height="8" aria-hidden="true">
          <circle cx="4" cy="4" r="3" fill="var(--ink)" />
        </svg>
        greedy evaluation
      </li>
      {overlays.map(({ id, label, style }) => (
        <li key={id}>
          <LineSwatch style={style} width={1.75} />
          {label}
        </li>
      ))}
      {others > 0 && <li>{`${plural(others, "run")} of another task: not on this chart`}</li>}
    </ul>
  );
}
