/** Map icons drawn on a canvas: no sprite file, sharp on every screen. Shapes follow water drawings. */

import { SEVERITY_COLOUR as ISSUE } from './marks'

const SIZE_PX = 26
const RATIO = 2

type Pen = CanvasRenderingContext2D
type Drawing = (pen: Pen) => void

export interface Icon {
  image: ImageData
  pixelRatio: number
}

const WATER = '#14507f'
const FREE = '#0e7a43'
const RESERVED = '#b86a00'
const SPENT = '#6b7680'
const BAD = '#a3242c'

const ICONS: Record<string, Drawing> = {
  'tapoff-free': (pen) => tapoff(pen, FREE, true),
  'tapoff-reserved': (pen) => tapoff(pen, RESERVED, 'half'),
  'tapoff-used': (pen) => tapoff(pen, SPENT, false),
  'tapoff-blocked': (pen) => {
    tapoff(pen, BAD, false)
    cross(pen, BAD, 3.2)
  },
  valve: (pen) => bowTie(pen, '#ffffff'),
  'valve-closed': (pen) => bowTie(pen, WATER),
  hydrant: (pen) => {
    disc(pen, 6.5, '#ffffff', '#b3202c')
    pen.fillStyle = '#b3202c'
    pen.beginPath()
    pen.arc(0, 0, 6.5, -Math.PI / 2, Math.PI / 2)
    pen.fill()
  },
  customer: (pen) => disc(pen, 3, '#6d7f8c', '#ffffff'),
  logger: (pen) => {
    disc(pen, 7, '#ffffff', '#5a3f91')
    letter(pen, 'P', '#5a3f91')
  },
  source: (pen) => {
    pen.fillStyle = WATER
    pen.strokeStyle = '#ffffff'
    pen.lineWidth = 1.5
    pen.beginPath()
    pen.moveTo(0, -10)
    pen.bezierCurveTo(4, -4, 8, -1, 8, 4)
    pen.arc(0, 3, 8, 0.1, Math.PI - 0.1)
    pen.bezierCurveTo(-8, -1, -4, -4, 0, -10)
    pen.fill()
    pen.stroke()
  },
  'issue-error': (pen) => {
    disc(pen, 8, ISSUE.error, '#ffffff')
    stroke(pen, [[-3, -3, 3, 3], [3, -3, -3, 3]])
  },
  'issue-warning': (pen) => {
    pen.fillStyle = ISSUE.warning
    pen.strokeStyle = '#ffffff'
    pen.lineWidth = 1.6
    pen.lineJoin = 'round'
    pen.beginPath()
    pen.moveTo(0, -9)
    pen.lineTo(9, 7)
    pen.lineTo(-9, 7)
    pen.closePath()
    pen.fill()
    pen.stroke()
    stroke(pen, [[0, -3, 0, 1.5], [0, 4.2, 0, 4.4]])
  },
  'issue-repaired': (pen) => {
    pen.fillStyle = ISSUE.repaired
    pen.strokeStyle = '#ffffff'
    pen.lineWidth = 1.6
    pen.beginPath()
    pen.rect(-7, -7, 14, 14)
    pen.fill()
    pen.stroke()
    stroke(pen, [[-3.5, 0.2, -1, 3], [-1, 3, 3.8, -3]])
  },
  break: (pen) => cross(pen, BAD, 5),
  leak: (pen) => disc(pen, 4, '#ffffff', BAD),
  'place-site': (pen) => {
    pen.fillStyle = '#b3202c'
    pen.strokeStyle = '#ffffff'
    pen.lineWidth = 2
    pen.beginPath()
    pen.rect(-7.5, -7.5, 15, 15)
    pen.fill()
    pen.stroke()
    pen.fillStyle = '#ffffff'
    pen.fillRect(-2.5, -2.5, 5, 5)
  },
  'place-tie-in': (pen) => disc(pen, 7, '#ffffff', FREE, 4),
  'place-neighbour': (pen) => disc(pen, 4.5, '#ffffff', '#33475a', 2.5),
  'place-below': (pen) => {
    pen.fillStyle = BAD
    pen.strokeStyle = '#ffffff'
    pen.lineWidth = 1.5
    pen.beginPath()
    pen.moveTo(0, 8)
    pen.lineTo(8, -6)
    pen.lineTo(-8, -6)
    pen.closePath()
    pen.fill()
    pen.stroke()
  },
}

/** The icon of a name; an empty one for a name nobody draws, so that the map stays quiet. */
export function drawIcon(name: string, ratio = RATIO): Icon {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = SIZE_PX * ratio
  const pen = canvas.getContext('2d')
  if (pen === null) return { image: new ImageData(1, 1), pixelRatio: 1 }
  pen.scale(ratio, ratio)
  pen.translate(SIZE_PX / 2, SIZE_PX / 2)
  ICONS[name]?.(pen)
  return { image: pen.getImageData(0, 0, canvas.width, canvas.height), pixelRatio: ratio }
}

const urls = new Map<string, string>()

/** The same icon for lists and the legend; nothing where there is no canvas to draw it on. */
export function iconUrl(name: string): string {
  const known = urls.get(name)
  if (known !== undefined) return known
  const url = typeof document === 'undefined' ? '' : drawnUrl(name)
  urls.set(name, url)
  return url
}

function drawnUrl(name: string): string {
  const { image } = drawIcon(name)
  const canvas = document.createElement('canvas')
  canvas.width = image.width
  canvas.height = image.height
  canvas.getContext('2d')?.putImageData(image, 0, 0)
  return canvas.toDataURL()
}

function disc(pen: Pen, radiusPx: number, fill: string, line: string, widthPx = 1.8): void {
  pen.fillStyle = fill
  pen.strokeStyle = line
  pen.lineWidth = widthPx
  pen.beginPath()
  pen.arc(0, 0, radiusPx, 0, 2 * Math.PI)
  pen.fill()
  pen.stroke()
}

/** A capped stub: disc filled by how free it is, with the cap as a bar. */
function tapoff(pen: Pen, colour: string, filled: boolean | 'half'): void {
  pen.strokeStyle = '#ffffff'
  pen.lineWidth = 6
  pen.beginPath()
  pen.moveTo(-8, -8.5)
  pen.lineTo(8, -8.5)
  pen.stroke()
  disc(pen, 8, '#ffffff', '#ffffff', 3)
  disc(pen, 6.5, filled === true ? colour : '#ffffff', colour, 2.2)
  if (filled === 'half') {
    pen.fillStyle = colour
    pen.beginPath()
    pen.arc(0, 0, 6.5, 0, Math.PI)
    pen.fill()
  }
  pen.strokeStyle = colour
  pen.lineWidth = 2.6
  pen.beginPath()
  pen.moveTo(-6.5, -9.2)
  pen.lineTo(6.5, -9.2)
  pen.stroke()
}

/** Bow tie of a valve; filled when closed. */
function bowTie(pen: Pen, fill: string): void {
  pen.fillStyle = fill
  pen.strokeStyle = WATER
  pen.lineWidth = 1.4
  pen.lineJoin = 'round'
  pen.beginPath()
  pen.moveTo(-7, -4.5)
  pen.lineTo(7, 4.5)
  pen.lineTo(7, -4.5)
  pen.lineTo(-7, 4.5)
  pen.closePath()
  pen.fill()
  pen.stroke()
}

function cross(pen: Pen, colour: string, armPx: number): void {
  for (const [line, widthPx] of [['#ffffff', 5] as const, [colour, 2.4] as const]) {
    pen.strokeStyle = line
    pen.lineWidth = widthPx
    pen.beginPath()
    pen.moveTo(-armPx, -armPx)
    pen.lineTo(armPx, armPx)
    pen.moveTo(armPx, -armPx)
    pen.lineTo(-armPx, armPx)
    pen.stroke()
  }
}

/** White strokes on top of a sign. */
function stroke(pen: Pen, lines: [number, number, number, number][]): void {
  pen.strokeStyle = '#ffffff'
  pen.lineWidth = 2
  pen.lineCap = 'round'
  for (const [fromX, fromY, toX, toY] of lines) {
    pen.beginPath()
    pen.moveTo(fromX, fromY)
    pen.lineTo(toX, toY)
    pen.stroke()
  }
}

function letter(pen: Pen, text: string, colour: string): void {
  pen.fillStyle = colour
  pen.font = '600 9px "Noto Sans SC", sans-serif'
  pen.textAlign = 'center'
  pen.textBaseline = 'middle'
  pen.fillText(text, 0, 0.5)
}
