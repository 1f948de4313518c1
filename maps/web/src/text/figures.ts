/** Figures for people; never rounded away from what the document says. */

const THIN = new Intl.NumberFormat('en-US', { maximumFractionDigits: 20 })

/** "46320.5" gives "46,320.5": the digits of the text are kept as they are. */
export function money(text: string): string {
  const [whole = '', part] = text.split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',')
  return part === undefined ? grouped : `${grouped}.${part}`
}

/** A number as the document writes it; a dash for nothing. */
export function exact(value: number | string | null | undefined): string {
  return value === null || value === undefined || value === '' ? '—' : String(value)
}

/** At most so many decimals, none of them a trailing zero; the exact value stays with the element. */
export function shortened(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)))
}

/** With thousands separators, all decimals kept. */
export function counted(value: number): string {
  return THIN.format(value)
}

const HEAD_M_PER_MPA = 1 / 0.00980665

/** Metres of water for a pressure, one decimal: shown beside MPa, never instead of it. */
export function headText(mpa: number): string {
  return (mpa * HEAD_M_PER_MPA).toFixed(1)
}

/** "2026-09-21T14:32:07+08:00" gives "2026-09-21 14:32" in China; each reader sees the clock on their own wall. */
export function timeText(iso: string, timeZone?: string): string {
  const time = new Date(iso)
  if (Number.isNaN(time.getTime())) return iso
  const options = { dateStyle: 'short', timeStyle: 'short', timeZone } as const
  return new Intl.DateTimeFormat('sv-SE', options).format(time)
}

/** The day on the wall of the reader, "2026-11-21". */
export function dayText(time: Date): string {
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short' }).format(time)
}

/** "0.03" gives "3%". */
export function percent(rate: string): string {
  const value = Number(rate) * 100
  return Number.isFinite(value) ? `${Number(value.toFixed(4))}%` : rate
}

/** "1.4 MB": sizes of files as people read them. */
export function fileSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB']
  let value = bytes
  let at = 0
  while (value >= 999.5 && at < units.length - 1) {
    value /= 1000
    at += 1
  }
  return `${at === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[at]}`
}
