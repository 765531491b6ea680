/**
 * The type of a text: compared and sorted byte by byte, as SQLite and JavaScript do. An index of another collation is damaged when
 * an upgrade of the system changes the order of its letters.
 */
export const TEXT = 'text collate "C"';
