/** What lies above the served style: routes, places, the focused pipe. Plain style objects, no library. */

import type { DrawnPlace, DrawnRoute } from './port'
import type { Position } from '../contract/wire'
import { LOOK_COUNT, routeLook } from './routes'

export const FONT = ['Noto Sans SC']

type Layer = Record<string, unknown> & { id: string }

const empty = { type: 'FeatureCollection', features: [] }

export const OVERLAY_SOURCES: Record<string, unknown> = {
  'tw-routes': { type: 'geojson', data: empty },
  'tw-places': { type: 'geojson', data: empty },
  'tw-focus': { type: 'geojson', data: empty },
}

const selected = ['==', ['get', 'selected'], true]
const second = ['==', ['get', 'second'], true]
const colour = ['get', 'colour']
const round = { 'line-cap': 'round', 'line-join': 'round' }

/** Routes that are not selected, of one look: dashes cannot differ within a layer. */
function otherRoutes(look: number): Layer {
  const { dash } = routeLook(look + 1, true)
  return {
    id: `tw-routes-other-${look}`,
    type: 'line',
    source: 'tw-routes',
    filter: ['all', ['!', selected], ['!', second], ['==', ['%', ['-', ['get', 'rank'], 1], LOOK_COUNT], look]],
    layout: dash.length ? { 'line-join': 'round' } : round,
    paint: { 'line-color': colour, 'line-width': 3, 'line-opacity': 0.85, ...(dash.length ? { 'line-dasharray': dash } : {}) },
  }
}

export const OVERLAY_LAYERS: Layer[] = [
  {
    id: 'tw-pipe',
    type: 'line',
    source: 'network',
    'source-layer': 'pipes',
    filter: ['==', ['get', 'pipe_id'], ''],
    layout: round,
    paint: { 'line-color': '#111d27', 'line-width': 9, 'line-opacity': 0.35 },
  },
  {
    id: 'tw-routes-lost',
    type: 'line',
    source: 'tw-routes',
    filter: ['==', ['get', 'rank'], 0],
    layout: { 'line-join': 'round' },
    paint: { 'line-color': '#111d27', 'line-width': 3, 'line-dasharray': [0.6, 1.4] },
  },
  ...Array.from({ length: LOOK_COUNT }, (_, look) => otherRoutes(look)),
  {
    id: 'tw-routes-casing',
    type: 'line',
    source: 'tw-routes',
    filter: selected,
    layout: round,
    paint: { 'line-color': '#ffffff', 'line-width': 8 },
  },
  {
    id: 'tw-routes',
    type: 'line',
    source: 'tw-routes',
    filter: selected,
    layout: round,
    paint: { 'line-color': colour, 'line-width': 4.5 },
  },
  {
    id: 'tw-routes-second',
    type: 'line',
    source: 'tw-routes',
    filter: second,
    layout: { 'line-join': 'round' },
    paint: { 'line-color': colour, 'line-width': 4.5, 'line-dasharray': [2, 1] },
  },
  {
    id: 'tw-routes-number',
    type: 'symbol',
    source: 'tw-routes',
    filter: ['all', ['>', ['get', 'rank'], 0], ['!', second]],
    layout: {
      'symbol-placement': 'line-center',
      'text-field': ['to-string', ['get', 'rank']],
      'text-font': FONT,
      'text-size': 14,
      'text-rotation-alignment': 'viewport',
      'text-allow-overlap': true,
    },
    paint: { 'text-color': colour, 'text-halo-color': '#ffffff', 'text-halo-width': 3 },
  },
  {
    id: 'tw-focus',
    type: 'circle',
    source: 'tw-focus',
    paint: {
      'circle-radius': 13,
      'circle-color': 'rgba(0,0,0,0)',
      'circle-stroke-color': '#111d27',
      'circle-stroke-width': 2,
    },
  },
  {
    id: 'tw-places',
    type: 'symbol',
    source: 'tw-places',
    layout: {
      'icon-image': ['concat', 'place-', ['get', 'kind']],
      'icon-allow-overlap': true,
      'text-field': ['get', 'label'],
      'text-font': FONT,
      'text-size': 12,
      'text-variable-anchor': ['top', 'bottom', 'left', 'right', 'top-left', 'bottom-right'],
      'text-radial-offset': 1.3,
      'text-justify': 'auto',
      'text-allow-overlap': false,
      'text-optional': true,
      'symbol-sort-key': ['match', ['get', 'kind'], 'site', 0, 'tie-in', 1, 2],
    },
    paint: { 'text-color': '#111d27', 'text-halo-color': '#ffffff', 'text-halo-width': 2 },
  },
]

/** Served layers that a click may hit, first one wins. */
export const CLICKABLE = [
  'tapoffs',
  'hydrants',
  'valves',
  'pumps',
  'loggers',
  'customers',
  'sources',
  'breaks',
  'pipes',
  'pipes-out-of-use',
  'utilities',
  'road-works',
  'renovations-line',
]
export const CLICKABLE_ROUTES = Array.from({ length: LOOK_COUNT }, (_, look) => `tw-routes-other-${look}`)

export function routesData(routes: DrawnRoute[]): unknown {
  return {
    type: 'FeatureCollection',
    features: routes.map(({ rank, selected: chosen, feasible, second: other, geometry }) => ({
      type: 'Feature',
      properties: { rank, selected: chosen, feasible, second: other === true, colour: routeLook(rank, feasible).colour },
      geometry,
    })),
  }
}

export function placesData(places: DrawnPlace[]): unknown {
  return {
    type: 'FeatureCollection',
    features: places.map(({ kind, position, label }) => ({
      type: 'Feature',
      properties: { kind, label },
      geometry: { type: 'Point', coordinates: position },
    })),
  }
}

export function focusData(position: Position | null): unknown {
  const features = position
    ? [{ type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: position } }]
    : []
  return { type: 'FeatureCollection', features }
}
