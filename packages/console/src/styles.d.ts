/** Vite takes styles as modules that export nothing. */
declare module '*.css';
