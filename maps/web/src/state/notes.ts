/** What the map style says beside the drawing: groups of the layer switch, colourings, labels of attributes and codes. */

export interface LegendRow {
  symbol?: 'icon' | 'line' | 'area'
  icon?: string
  colour?: string
  label: string
}

export interface LayerGroup {
  id: string
  label: string
  layers: string[]
  visible: boolean
  legend: LegendRow[]
}

export interface Colouring {
  id: string
  label: string
  paint: unknown
  legend: LegendRow[]
  layer: string | null
}

export interface AttributeNote {
  name: string
  label: string
  unit: string
  codes: Record<string, string>
}

export interface LayerCard {
  label: string
  id: string
  attributes: AttributeNote[]
}

export interface StyleNotes {
  labelText: string
  groups: LayerGroup[]
  colourings: Colouring[]
  cards: Record<string, LayerCard>
}

export function readNotes(style: Record<string, unknown>): StyleNotes {
  const metadata = (style.metadata ?? {}) as Record<string, unknown>
  return {
    labelText: (metadata['tapwright:label_text'] as string | undefined) ?? '',
    groups: (metadata['tapwright:groups'] as LayerGroup[] | undefined) ?? [],
    colourings: (metadata['tapwright:colourings'] as Colouring[] | undefined) ?? [],
    cards: (metadata['tapwright:cards'] as Record<string, LayerCard> | undefined) ?? {},
  }
}

/** What a person reads for a code, such as DI or free; the code itself when nobody names it. */
export function codeWord(notes: StyleNotes | null, layer: string, attribute: string, code: string | null): string {
  if (!code) return '—'
  const found = notes?.cards[layer]?.attributes.find((one) => one.name === attribute)
  return found?.codes[code] ?? code
}
