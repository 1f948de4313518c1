import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

interface Source {
  name: string
  folder: string
  text: string
  imports: string[]
}

const sources: Source[] = readdirSync('src', { recursive: true, encoding: 'utf-8' })
  .filter((name) => /\.(ts|vue)$/.test(name))
  .map((name) => name.replaceAll('\\', '/'))
  .map((name) => {
    const text = readFileSync(join('src', name), 'utf-8')
    const imports = [...text.matchAll(/(?:from |import\()'([^']+)'/g)].map(([, path = '']) => path)
    return { name, folder: name.includes('/') ? (name.split('/')[0] ?? '') : '', text, imports }
  })

/** Which folders each folder may import from. */
const MAY: Record<string, string[]> = {
  panels: ['panels', 'commands', 'contract', 'state', 'map', 'messages', 'text'],
  commands: ['commands', 'contract', 'state', 'map', 'messages', 'text'],
  map: ['map', 'contract', 'state', 'messages', 'text'],
  state: ['state', 'contract', 'map', 'text'],
  contract: ['contract'],
  messages: ['messages', 'contract'],
  text: ['text', 'contract'],
}

describe('the house', () => {
  it('is entered from above only', () => {
    const wrong = sources.flatMap(({ name, folder, imports }) =>
      imports
        .filter((path) => path.startsWith('.') && folder in MAY)
        .map((path) => join('/src', folder, name.split('/').slice(1, -1).join('/'), path).split('/')[2] ?? '')
        .filter((target) => !MAY[folder]?.includes(target))
        .map((target) => `${name} → ${target}`),
    )
    expect(wrong).toEqual([])
  })
  it('lets the state know of the map only its types', () => {
    const state = sources.filter(({ folder }) => folder === 'state')
    const values = state.filter(({ text }) => /^import \{[^}]*\} from '\.\.\/map/m.test(text))
    expect(values.map(({ name }) => name)).toEqual([])
  })
  it('knows the map library in one file', () => {
    const users = sources.filter(({ imports }) => imports.some((path) => path.startsWith('maplibre-gl')))
    expect(users.map(({ name }) => name)).toEqual(['map/engine.ts'])
  })
  it('loads the engine lazily and names addresses in the client only', () => {
    const loaders = sources.filter(({ imports }) => imports.some((path) => path.endsWith('map/engine')))
    expect(loaders.map(({ name }) => name)).toEqual(['page.ts'])
    const addressed = sources.filter(({ text }) => /['"`]\/api\//.test(text) || /https?:\/\//.test(text))
    expect(addressed.map(({ name }) => name)).toEqual(['contract/client.ts'])
  })
  it('writes no markup from text and keeps its files short', () => {
    expect(sources.filter(({ text }) => /v-html|innerHTML|setHTML/.test(text)).map(({ name }) => name)).toEqual([])
    expect(sources.filter(({ text }) => text.split('\n').length > 400).map(({ name }) => name)).toEqual([])
  })
  it('has no words of its own in the panels', () => {
    const panels = sources.filter(({ folder }) => folder === 'panels')
    const words = panels.flatMap(({ name, text }) => {
      const template = text.slice(text.indexOf('<template>')).replace(/\{\{[\s\S]*?\}\}|"[^"]*"|<!--[\s\S]*?-->/g, '')
      return [...template.matchAll(/[\u4e00-\u9fff]+/g)].map(([word]) => `${name} ${word}`)
    })
    expect(words).toEqual([])
  })
})
