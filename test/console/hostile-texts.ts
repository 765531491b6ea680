/** What somebody might write who wishes ill to whoever reads it. */
const HOSTILE_TEXTS = [
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '"><svg onload=alert(1)>',
  'javascript:alert(1)',
  '{{constructor.constructor("alert(1)")()}}',
  '\u202egnp.exe\u202d\u2066 turned around',
  'Z\u0351\u036f\u034a\u0301'.repeat(12),
  'w'.repeat(50),
  '\u200b\u200b\u200b',
  '𒐫'.repeat(20),
] as const;

/** One of them, as long as fits. */
export function hostile(n: number, most: number): string {
  return (HOSTILE_TEXTS[n % HOSTILE_TEXTS.length] ?? '').slice(0, most).toWellFormed();
}
