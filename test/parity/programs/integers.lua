-- Where numbers become integers: formats, string positions, table indexes, bits, at and beyond 32 and 64 bits.
local lines = {}
local function add(...)
  local t = { ... }
  for i = 1, select('#', ...) do t[i] = tostring(t[i]) end
  lines[#lines + 1] = table.concat(t, ' ')
end
local edges = { 0, 1, -1, 0.5, -0.5, 127, 128, 255, 256, 2 ^ 31 - 1, 2 ^ 31, 2 ^ 31 + 1, -2 ^ 31, -2 ^ 31 - 1, 2 ^ 32 - 1, 2 ^ 32, 2 ^ 32 + 2,
  2 ^ 40, -2 ^ 40, 2 ^ 53, -2 ^ 53, 2 ^ 62, 2 ^ 63, -2 ^ 63, 2 ^ 63 + 2048, 2 ^ 64, 2 ^ 65, 1e300, -1e300, 1 / 0, -1 / 0, 0 / 0 }
local text = 'hello world'
for _, x in ipairs(edges) do
  add('format', x, pcall(string.format, '%d|%i|%5d|%x|%X|%o|%u', x, x, x, x, x, x, x))
  add('char', x, pcall(string.format, '%c', x % 256))
  add('sub', x, pcall(string.sub, text, x), pcall(string.sub, text, 2, x), pcall(string.sub, text, x, x))
  add('byte', x, pcall(string.byte, text, x), pcall(string.byte, text, x, x + 2))
  add('find', x, pcall(string.find, text, 'o', x), pcall(string.find, text, 'o', x, true), pcall(string.match, text, '(o)', x))
  add('bit', x, pcall(bit.tobit, x), pcall(bit.band, x, 0xff), pcall(bit.bnot, x), pcall(bit.tohex, x), pcall(bit.lshift, 1, x))
  add('index', x, ({ 'a', 'b' })[x], pcall(rawget, { 'a', 'b' }, x))
  add('select', x, pcall(select, x, 'a', 'b'))
  add('tostring', x, pcall(tonumber, x), pcall(math.floor, x), pcall(math.ceil, x), pcall(math.fmod, x, 7), pcall(math.modf, x))
  add('ldexp', pcall(math.ldexp, 1, x), pcall(math.frexp, x))
  add('gsub', x, pcall(string.gsub, text, 'o', '0', x))
  if math.abs(x) < 100 then add('rep', x, pcall(string.rep, 'ab', x)) end
  add('concat', x, pcall(table.concat, { 'a', 'b' }, ',', 1, math.abs(x) < 100 and x or 3))
  add('unpack', x, pcall(function() return select('#', unpack({}, x, x)) end))
  add('schar', x, pcall(string.char, x))
end
add('big unpack', pcall(unpack, {}, 0, 2147483647), pcall(unpack, {}, -2147483648, 2147483647), pcall(unpack, {}, 1, 1e8))
add('insert', pcall(table.insert, { 1, 2 }, 2 ^ 32 + 1, 'x'))
return table.concat(lines, '\n')
