import type { Row } from './row.ts';
import { acceptRow } from './rows/accept.ts';
import { deliverRow } from './rows/deliver.ts';
import { hangingRow } from './rows/hanging.ts';
import { idleRow } from './rows/idle.ts';
import { latencyRow } from './rows/latency.ts';
import { sustainedRow } from './rows/sustained.ts';

export const ROWS: readonly Row[] = [acceptRow, deliverRow, sustainedRow, latencyRow, hangingRow, idleRow];
