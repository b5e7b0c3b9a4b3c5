import { Boundary } from "../faults/Boundary.tsx";
import { part } from "../faults/part.tsx";
import { LessonMenu } from "../lessons/LessonMenu.tsx";
import { Mark } from "../parts/icons.tsx";
import { Backend } from "./Backend.tsx";
import { Help } from "./Help.tsx";
import { Pace } from "./Pace.tsx";
import { Readouts } from "./Readouts.tsx";
import { RunButtons } from "./RunButtons.tsx";
import { RunTools } from "./RunTools.tsx";
import { Scheme } from "./Scheme.tsx";
import { SeedInput } from "./SeedInput.tsx";
import { Share } from "./Share.tsx";
import { System } from "./System.tsx";
import classes from "./topbar.module.css";

/** Wanted for large configurations; where it cannot be fetched, nothing is said. */
const Cost = part(() => import("./Cost.tsx").catch(() => ({ default: () => null })));

interface TopBarProps {
  narrow: boolean;
  helpOpened: boolean;
  onHelp(opened: boolean): void;
}

/** Name, system, run and pace in one row; the run in numbers below. Where it is narrow, the system moves to a tab. */
export function TopBar({ narrow, helpOpened, onHelp }: TopBarProps) {
  return (
    <header className={classes.bar}>
      <div className={classes.row}>
        <h1 className={classes.name}>
          <Mark />
          <span>Cartpool</span>
        </h1>
        {!narrow && (
          <div className={classes.system}>
            <System />
            <LessonMenu />
          </div>
        )}
        <RunButtons />
        <Boundary of="what the run costs">{!narrow && <Cost />}</Boundary>
        {!narrow && <SeedInput />}
        {!narrow && <Pace />}
        <div className={classes.end}>
          {!narrow && <Backend />}
          <Share />
          <Help opened={helpOpened} onChange={onHelp} />
          <Scheme />
        </div>
      </div>
      <Boundary of="what the run costs">{narrow && <Cost />}</Boundary>
      <div className={classes.numbers}>
        <div className={classes.run}>
          <Readouts />
          {!narrow && <RunTools />}
        </div>
        {narrow && (
          <div className={classes.scrolling}>
            <Pace />
            <LessonMenu />
            <RunTools />
            <Backend />
          </div>
        )}
      </div>
    </header>
  );
}
