/** "Mahl" in ASCII: names our locks among those of others in the database. */
export const LOCKS = 0x4d61686c;
/** Who writes alone has it, and who writes beside others shares it. */
export const WRITER = 1;
/** Who appends to the log of events, beside others. */
export const TURN = 2;
