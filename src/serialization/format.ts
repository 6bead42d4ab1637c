/**
 * The numbers of the serialization format, RDB version 11.
 */

export const RDB_VERSION = 11
export const VERSION_BYTES = 2
/** Versions that other projects count on their own. */
export const FOREIGN_VERSION_MIN = 12
export const FOREIGN_VERSION_MAX = 79

// Types of a value.
export const STRING = 0
export const LIST = 1
export const SET = 2
export const ZSET = 3
export const HASH = 4
/** With scores as doubles instead of text. */
export const ZSET_2 = 5
export const LIST_ZIPLIST = 10
export const SET_INTSET = 11
export const ZSET_ZIPLIST = 12
export const HASH_ZIPLIST = 13
/** Nodes that are ziplists. */
export const LIST_QUICKLIST = 14
export const HASH_LISTPACK = 16
export const ZSET_LISTPACK = 17
/** Nodes that are listpacks or single elements. */
export const LIST_QUICKLIST_2 = 18
export const SET_LISTPACK = 20

// Opcodes, in the place of a type.
export const FUNCTION_LIBRARY = 245
/** Of the candidates for version 7.0. */
export const FUNCTION_PRE_GA = 246

// Nodes of LIST_QUICKLIST_2.
export const PLAIN_NODE = 1
export const PACKED_NODE = 2

// Lengths: by the upper two bits of the first byte, of 6 or 14 bits, or behind it.
export const LENGTH_14 = 0x40
export const LENGTH_32 = 0x80
export const LENGTH_64 = 0x81
/** No length, but one of these encodings of a string. */
export const ENCODED = 0xc0
export const INT_8 = ENCODED
export const INT_16 = ENCODED | 1
export const INT_32 = ENCODED | 2
export const LZF = ENCODED | 3

// Lengths of a score in the text form of ZSET that are values of their own.
export const SCORE_NAN = 253
export const SCORE_INFINITY = 254
export const SCORE_MINUS_INFINITY = 255
