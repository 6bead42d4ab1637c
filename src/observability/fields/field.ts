/**
 * A field of INFO and, where it has one, the metric of the same figure.
 */
import type { InfoSource } from './source.ts'

export type MetricType = 'gauge' | 'counter'

export interface Metric {
  readonly type: MetricType
  /** With its prefix; redis_exporter's name, so that its dashboards and alerts work. */
  readonly name: string
  readonly help: string
  read(source: InfoSource): number
}

export interface Field {
  readonly name: string
  /** Undefined: the field is not shown now. */
  read(source: InfoSource): string | number | undefined
  readonly metric?: Metric
  /** It says the same always: nothing here could change it. */
  readonly isConstant?: boolean
}

type Reader = (source: InfoSource) => string | number | undefined

/** A field without a metric; a constant where a feature is missing or idle. */
export function field(name: string, value: Reader | string | number): Field {
  return typeof value === 'function' ? { name, read: value } : { name, read: () => value, isConstant: true }
}

type NumberReader = (source: InfoSource) => number

function measured(type: MetricType) {
  return (name: string, read: NumberReader, metric: string, help: string, print?: Reader): Field => ({
    name,
    read: print ?? read,
    metric: { type, name: `redis_${metric}`, help, read },
  })
}

export const gauge = measured('gauge')
export const counter = measured('counter')

/** `901.87K` */
export function human(bytes: number): string {
  const units = ['B', 'K', 'M', 'G', 'T', 'P']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return unit === 0 ? `${value}B` : `${value.toFixed(2)}${units[unit]}`
}

export function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

export function percent(part: number, whole: number): string {
  return `${(ratio(part, whole) * 100).toFixed(2)}%`
}
