/** The address after #: view, scheme, option, tab, part of the data room, language. Nothing secret goes into it. */

import type { Language } from '../contract/client'
import type { Position } from '../contract/wire'
import type { DataView, Tab } from './store'

export interface View {
  centre: Position
  zoom: number
}

export interface Link {
  view: View | null
  schemeId: string | null
  rank: number | null
  tab: Tab | null
  dataView: DataView | null
  language: Language | null
}

const TABS: Tab[] = ['scheme', 'hydraulics', 'renewal', 'data']
const VIEWS: DataView[] = ['issues', 'versions', 'import']

export function writeLink(link: Link): string {
  const parts: string[] = []
  if (link.view) {
    const { centre, zoom } = link.view
    parts.push(`map=${zoom.toFixed(2)}/${centre[0].toFixed(6)}/${centre[1].toFixed(6)}`)
  }
  if (link.tab && link.tab !== 'scheme') parts.push(`tab=${link.tab}`)
  if (link.tab === 'data' && link.dataView) parts.push(`view=${link.dataView}`)
  if (link.schemeId) parts.push(`scheme=${encodeURIComponent(link.schemeId)}`)
  if (link.schemeId && link.rank !== null) parts.push(`option=${link.rank}`)
  if (link.language) parts.push(`lang=${link.language}`)
  return parts.length ? `#${parts.join('&')}` : ''
}

export function readLink(hash: string): Link {
  const found = new Map(
    hash
      .replace(/^#/, '')
      .split('&')
      .map((part) => part.split('=') as [string, string | undefined])
      .map(([name, value]) => [name, decode(value ?? '')]),
  )
  const rank = Number(found.get('option'))
  const language = found.get('lang')
  return {
    view: readView(found.get('map')),
    schemeId: found.get('scheme') || null,
    rank: Number.isInteger(rank) && rank > 0 ? rank : null,
    tab: TABS.find((tab) => tab === found.get('tab')) ?? (found.has('tab') ? 'scheme' : null),
    dataView: VIEWS.find((view) => view === found.get('view')) ?? null,
    language: language === 'zh' || language === 'en' ? language : null,
  }
}

function readView(text: string | undefined): View | null {
  const [zoom, lon, lat, ...rest] = (text ?? '').split('/').map(Number)
  if (zoom === undefined || lon === undefined || lat === undefined || rest.length) return null
  if (![zoom, lon, lat].every(Number.isFinite) || Math.abs(lat) > 90 || Math.abs(lon) > 180) return null
  return { centre: [lon, lat], zoom: Math.min(Math.max(zoom, 0), 22) }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
