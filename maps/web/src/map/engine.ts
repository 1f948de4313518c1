/** The map drawn by MapLibre: the only file that imports it. */

import * as maplibre from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'
import 'maplibre-gl/dist/maplibre-gl.css'
import type { SketchFeature } from '../contract/intake'
import type { Bounds, Position } from '../contract/wire'
import type { View } from '../state/permalink'
import { drawIcon } from './icons'
import {
  CLICKABLE,
  CLICKABLE_ROUTES,
  focusData,
  OVERLAY_LAYERS,
  OVERLAY_SOURCES,
  placesData,
  routesData,
} from './overlay'
import { CHANGE_SOURCE, changeLayers, changeSource } from './changes'
import { CLOSURE_SOURCE, closureLayers, closureSource } from './closure'
import { CLICKABLE_FIGURES, FIGURE_SOURCE, figureLayers, figureSource } from './figures'
import { SKETCH_SOURCE, sketchLayers } from './sketch'
import { CLICKABLE_MARKS, MARK_SOURCE, markLayers, markSource } from './marks'
import type { DrawnChanges, DrawnClosure, DrawnFigures, DrawnMarks, DrawnPlace, DrawnRoute, DrawnSketch, MapClick, MapFeature, MapPort, MarkHit } from './port'

maplibre.setWorkerUrl(workerUrl)

const FONT = 'Noto Sans SC'
const FIT_PX = 70
const CLOSEST_FIT = 18
const HIT_PX = 5
const HOVER_PX = 3
const HIT_COARSE_PX = 14
const MOVE_MS = 450
/** Where the map stands before there is a network. */
const CHINA = { center: [104, 35.5] as [number, number], zoom: 3.2 }
/** Words that labels always need, beside the names of this network. */
const COMMON_TEXT = 'DN0123456789.→–? MPa用地接入点新开口预留'

export interface EngineOptions {
  container: HTMLElement
  style: Record<string, unknown>
  view: View | null
  bounds: Bounds | null
  labelText: string
  label: string
  onClick(click: MapClick): void
  onRoute(rank: number): void
  onMark(mark: MarkHit): void
  onMove(view: View): void
  /** What to say beside the pointer about a computed figure. */
  hint(feature: MapFeature): string[]
  /** A tile was refused: the server may hold another network version by now. */
  onRefused(): void
}

/** An overlay whose things come as tiles. */
interface Tiled {
  source: Record<string, unknown>
  layers: (Record<string, unknown> & { id: string })[]
}

function sameTiles(before: Tiled | undefined, after: Tiled): boolean {
  return JSON.stringify(before?.source.tiles) === JSON.stringify(after.source.tiles)
}

type Style = maplibre.StyleSpecification
type GeoJson = Parameters<maplibre.GeoJSONSource['setData']>[0]

/** Open the map; resolves when the first style stands and its own font is in. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  await loadGlyphs(options.labelText)
  const engine = new Engine(options)
  await engine.ready
  return engine
}

export class Engine implements MapPort {
  readonly ready: Promise<void>
  private readonly map: maplibre.Map
  private candidates = new Map<string, string>()
  private shown: { routes: DrawnRoute[]; places: DrawnPlace[]; focus: Position | null; pipe: string } = {
    routes: [],
    places: [],
    focus: null,
    pipe: '',
  }
  private readonly visibility = new Map<string, boolean>()
  private paint: unknown = null
  private sketched: { features: SketchFeature[]; source: Record<string, unknown> } | null = null
  private readonly tiled = new Map<string, Tiled>()
  private readonly tip = new maplibre.Popup({ closeButton: false, closeOnClick: true, maxWidth: '320px', offset: 10, className: 'figure-tip' })
  private readonly popup = new maplibre.Popup({ closeButton: false, closeOnClick: false, maxWidth: 'none', offset: 14 })

  constructor(private readonly options: EngineOptions) {
    const { container, style, view, bounds } = options
    this.map = new maplibre.Map({
      container,
      style: style as unknown as Style,
      localIdeographFontFamily: `"${FONT}", sans-serif`,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      maxZoom: 21.5,
      transformRequest: (url) => ({ url: new URL(url, location.href).href }),
      ...(view ? { center: view.centre, zoom: view.zoom } : {}),
      ...(!view && bounds ? { bounds, fitBoundsOptions: { padding: 24 } } : {}),
      ...(!view && !bounds ? CHINA : {}),
    })
    this.map.touchZoomRotate.disableRotation()
    this.map.keyboard.disableRotation()
    this.map.addControl(new maplibre.ScaleControl({ unit: 'metric', maxWidth: 120 }), 'bottom-right')
    this.map.getCanvas().setAttribute('aria-label', options.label)
    this.map.setMissingStyleImageResolver((name) => this.addIcon(name))
    this.map.on('click', (event) => this.clicked(event))
    this.map.on('mousemove', (event) => this.hovered(event))
    this.map.on('mouseout', () => this.tip.remove())
    this.map.on('error', ({ error }) => {
      if (error instanceof maplibre.AJAXError && error.status === 404) options.onRefused()
    })
    this.map.on('moveend', () => options.onMove(this.view()))
    this.map.on('movestart', () => (container.dataset.mapState = 'moving'))
    this.map.on('idle', () => (container.dataset.mapState = 'idle'))
    this.ready = new Promise((resolve) => {
      this.map.once('load', () => {
        this.addOverlay()
        resolve()
      })
    })
  }

  view(): View {
    const centre = this.map.getCenter()
    return { centre: [centre.lng, centre.lat], zoom: this.map.getZoom() }
  }

  setView({ centre, zoom }: View): void {
    this.map.easeTo({ center: centre, zoom, duration: MOVE_MS })
  }

  fit(bounds: Bounds, coveredPx = 0): void {
    const left = this.options.container.clientWidth > coveredPx + 5 * FIT_PX ? FIT_PX + coveredPx : FIT_PX
    this.map.fitBounds(bounds, { padding: { left, top: FIT_PX, right: FIT_PX, bottom: FIT_PX }, maxZoom: CLOSEST_FIT, duration: MOVE_MS })
  }

  uncover(position: Position, coveredPx: number): void {
    const { clientWidth: widthPx } = this.options.container
    const { x } = this.map.project(position)
    if (x > coveredPx || widthPx < coveredPx * 1.3) return
    this.map.panBy([x - (coveredPx + widthPx) / 2, 0], { duration: MOVE_MS })
  }

  centre(): Position {
    return this.view().centre
  }

  zoomBy(steps: number): void {
    this.map.zoomTo(this.map.getZoom() + steps, { duration: 200 })
  }

  showRoutes(routes: DrawnRoute[]): void {
    this.shown.routes = routes
    this.setData('tw-routes', routesData(routes))
  }

  showPlaces(places: DrawnPlace[]): void {
    this.shown.places = places
    this.setData('tw-places', placesData(places))
  }

  showFocus(position: Position | null): void {
    this.shown.focus = position
    this.setData('tw-focus', focusData(position))
  }

  showCandidates(certainty: Map<string, string>): void {
    for (const id of this.candidates.keys()) {
      if (!certainty.has(id)) this.map.removeFeatureState({ ...PIPES, id }, 'candidate')
    }
    for (const [id, candidate] of certainty) {
      if (this.candidates.get(id) !== candidate) this.map.setFeatureState({ ...PIPES, id }, { candidate })
    }
    this.candidates = new Map(certainty)
  }

  focusPipe(pipeId: string, position: Position | null): void {
    this.shown.pipe = pipeId
    this.map.setFilter('tw-pipe', ['==', ['get', 'pipe_id'], pipeId])
    if (position) this.map.easeTo({ center: position, zoom: Math.max(this.map.getZoom(), 16.5), duration: MOVE_MS })
  }

  showMarks(marks: DrawnMarks | null): void {
    this.tile(MARK_SOURCE, marks && { source: markSource(marks), layers: markLayers(marks) })
  }

  showChanges(changes: DrawnChanges | null): void {
    this.tile(CHANGE_SOURCE, changes && { source: changeSource(changes), layers: changeLayers(changes) })
  }

  showSketch(sketch: DrawnSketch | null): void {
    if (sketch && sketch.features !== this.sketched?.features) {
      this.sketched = { features: sketch.features, source: { type: 'geojson', data: { type: 'FeatureCollection', features: sketch.features } } }
    }
    this.tile(SKETCH_SOURCE, sketch && this.sketched && { source: this.sketched.source, layers: sketchLayers(sketch.layer) })
  }

  showFigures(figures: DrawnFigures | null): void {
    this.tile(FIGURE_SOURCE, figures && { source: figureSource(figures), layers: figureLayers(figures) })
    if (figures === null) this.tip.remove()
  }

  showClosure(closure: DrawnClosure | null): void {
    this.tile(CLOSURE_SOURCE, closure && { source: closureSource(closure), layers: closureLayers(closure) })
  }

  showPopup(position: Position | null, content: HTMLElement): void {
    if (position === null) this.popup.remove()
    else this.popup.setLngLat(position).setDOMContent(content).addTo(this.map)
  }

  setVisible(layers: string[], visible: boolean): void {
    for (const layer of layers) {
      this.visibility.set(layer, visible)
      if (this.map.getLayer(layer)) this.map.setLayoutProperty(layer, 'visibility', visible ? 'visible' : 'none')
    }
  }

  colourPipes(paint: unknown): void {
    this.paint = paint
    for (const layer of ['pipes', 'pipes-out-of-use']) {
      this.map.setPaintProperty(layer, 'line-color', paint as maplibre.DataDrivenPropertyValueSpecification<string>)
    }
  }

  setTool(tool: 'view' | 'site'): void {
    this.map.getCanvas().style.cursor = tool === 'site' ? 'crosshair' : ''
  }

  /** Another language: the same city in other words; everything shown before is shown again. */
  async restyle(style: Record<string, unknown>): Promise<void> {
    await new Promise<void>((resolve) => {
      this.map.once('style.load', () => resolve())
      this.map.setStyle(style as unknown as Style, { diff: false })
    })
    this.addOverlay()
    const { routes, places, focus, pipe } = this.shown
    this.showRoutes(routes)
    this.showPlaces(places)
    this.showFocus(focus)
    if (pipe) this.map.setFilter('tw-pipe', ['==', ['get', 'pipe_id'], pipe])
    for (const [layer, visible] of this.visibility) this.setVisible([layer], visible)
    if (this.paint) this.colourPipes(this.paint)
    for (const [id, tiled] of [...this.tiled]) this.tile(id, tiled)
    const candidates = this.candidates
    this.candidates = new Map()
    this.showCandidates(candidates)
  }

  private addOverlay(): void {
    for (const [id, source] of Object.entries(OVERLAY_SOURCES)) {
      this.map.addSource(id, source as maplibre.SourceSpecification)
    }
    for (const layer of OVERLAY_LAYERS) this.map.addLayer(layer as unknown as maplibre.AddLayerObject)
  }

  /** Draw a tiled overlay, redraw it, or take it away; its source is only changed when its address is another. */
  private tile(id: string, tiled: Tiled | null): void {
    const before = this.tiled.get(id)
    for (const layer of before?.layers ?? []) if (this.map.getLayer(layer.id)) this.map.removeLayer(layer.id)
    const same = before?.source === tiled?.source || (tiled?.source.type === 'vector' && sameTiles(before, tiled))
    if (!same && this.map.getSource(id)) this.map.removeSource(id)
    if (tiled === null) this.tiled.delete(id)
    else {
      this.tiled.set(id, tiled)
      if (!this.map.getSource(id)) this.map.addSource(id, tiled.source as unknown as maplibre.SourceSpecification)
      for (const layer of tiled.layers) this.map.addLayer(layer as unknown as maplibre.AddLayerObject)
    }
  }

  private addIcon(name: string): void {
    if (this.map.hasImage(name)) return
    const { image, pixelRatio } = drawIcon(name)
    this.map.addImage(name, image, { pixelRatio })
  }

  private setData(source: string, data: unknown): void {
    this.map.getSource<maplibre.GeoJSONSource>(source)?.setData(data as GeoJson)
  }

  /** Beside the pointer, what the figure under it says; fingers have the card instead. */
  private hovered(event: maplibre.MapMouseEvent): void {
    if (!this.tiled.has(FIGURE_SOURCE) || this.map.isMoving() || matchMedia('(hover: none)').matches) return
    const layers = CLICKABLE_FIGURES.filter((layer) => this.map.getLayer(layer))
    const { x, y } = event.point
    const [hit] = this.map.queryRenderedFeatures([[x - HOVER_PX, y - HOVER_PX], [x + HOVER_PX, y + HOVER_PX]], { layers })
    const lines = hit ? this.options.hint(featureOf(hit)) : []
    if (!lines.length) {
      this.tip.remove()
      return
    }
    const content = document.createElement('div')
    content.dataset.testid = 'figure-tip'
    content.append(...lines.map((line) => Object.assign(document.createElement('p'), { textContent: line })))
    this.tip.setLngLat(event.lngLat).setDOMContent(content).addTo(this.map)
  }

  private clicked(event: maplibre.MapMouseEvent): void {
    const reach = matchMedia('(pointer: coarse)').matches ? HIT_COARSE_PX : HIT_PX
    const { x, y } = event.point
    const box: [maplibre.PointLike, maplibre.PointLike] = [
      [x - reach, y - reach],
      [x + reach, y + reach],
    ]
    const layers = [...CLICKABLE_MARKS, ...CLICKABLE_ROUTES, ...CLICKABLE_FIGURES, ...CLICKABLE].filter((layer) => this.map.getLayer(layer))
    const hits = this.map.queryRenderedFeatures(box, { layers })
    const best = layers.map((layer) => hits.find((hit) => hit.layer.id === layer)).find((hit) => hit !== undefined)
    if (best && CLICKABLE_MARKS.includes(best.layer.id)) {
      this.options.onMark(markOf(best))
      return
    }
    if (best && CLICKABLE_ROUTES.includes(best.layer.id)) {
      this.options.onRoute(Number(best.properties.rank))
      return
    }
    // a thing that is a point was meant where it stands, not where the finger was
    const position = best?.geometry.type === 'Point' ? best.geometry.coordinates : [event.lngLat.lng, event.lngLat.lat]
    this.options.onClick({ position: [position[0] ?? 0, position[1] ?? 0], feature: best ? featureOf(best) : null })
  }
}

const PIPES = { source: 'network', sourceLayer: 'pipes' }

function markOf(hit: maplibre.MapGeoJSONFeature): MarkHit {
  const place = hit.geometry.type === 'Point' ? hit.geometry.coordinates : [0, 0]
  return { id: hit.properties.id ? String(hit.properties.id) : null, position: [place[0] ?? 0, place[1] ?? 0] }
}

function featureOf(hit: maplibre.MapGeoJSONFeature): MapFeature {
  return { layer: hit.sourceLayer ?? hit.layer.id, properties: { ...hit.properties } as MapFeature['properties'] }
}

/** Bring in the slices of the page's font that labels need, before the map draws its first glyph. */
async function loadGlyphs(text: string): Promise<void> {
  try {
    await document.fonts.load(`24px "${FONT}"`, COMMON_TEXT + text)
  } catch {
    // Without the font the browser's own one draws the labels.
  }
}
