/** Extents of plain GeoJSON geometries. */

import type { Bounds } from '../contract/wire'

/** West, south, east, north of every coordinate; null when there is none. */
export function boundsOf(geometry: { coordinates: unknown }): Bounds | null {
  const bounds: Bounds = [Infinity, Infinity, -Infinity, -Infinity]
  widen(bounds, geometry.coordinates)
  return Number.isFinite(bounds[0]) ? bounds : null
}

function widen(bounds: Bounds, part: unknown): void {
  if (!Array.isArray(part)) return
  const [x, y] = part as unknown[]
  if (typeof x !== 'number' || typeof y !== 'number') {
    for (const one of part) widen(bounds, one)
    return
  }
  bounds[0] = Math.min(bounds[0], x)
  bounds[1] = Math.min(bounds[1], y)
  bounds[2] = Math.max(bounds[2], x)
  bounds[3] = Math.max(bounds[3], y)
}
