/** Positions as people type or paste them. */

import type { Position } from '../contract/wire'

const FULL_WIDTH = /[０-９．－，]/g

/** Full-width digits and signs of Chinese input methods become plain ones. */
export function halfWidth(text: string): string {
  return text.replace(FULL_WIDTH, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
}

export function parseNumber(text: string): number | null {
  const plain = halfWidth(text).trim().replace(/,(?=\d{3}(\D|$))/g, '')
  return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null
}

/** Two numbers out of a pasted text such as "117.0213, 36.6612" or "E117.0213 N36.6612"; null when there are not two. */
export function parsePair(text: string): Position | null {
  const found = halfWidth(text).match(/-?\d+(?:\.\d+)?/g)
  return found?.length === 2 ? [Number(found[0]), Number(found[1])] : null
}

export type Checked = { position: Position; swapped: boolean } | null

/** A lon, lat that can be; latitude first is put right when there is no doubt. Plain x, y pass as they are. */
export function checkPosition(pair: Position, geographic: boolean): Checked {
  const [a, b] = pair
  if (!geographic) return { position: pair, swapped: false }
  if (Math.abs(a) <= 180 && Math.abs(b) <= 90) return { position: pair, swapped: false }
  if (Math.abs(a) <= 90 && Math.abs(b) <= 180) return { position: [b, a], swapped: true }
  return null
}

/** Nine decimals are a tenth of a millimetre; trailing zeros say nothing. */
export function positionText(value: number): string {
  return String(Number(value.toFixed(7)))
}
