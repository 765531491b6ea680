import type { Row } from '../row.ts';
import { acceptRow } from './accept.ts';
import { deliverRow } from './deliver.ts';
import { hangingRow } from './hanging.ts';
import { idleRow } from './idle.ts';
import { latencyRow } from './latency.ts';
import { sustainedRow } from './sustained.ts';

export const ROWS: readonly Row[] = [acceptRow, deliverRow, sustainedRow, latencyRow, hangingRow, idleRow];
