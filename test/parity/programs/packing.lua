-- struct and cmsgpack: every format, every width, and random data back and forth.
local lines = {}
local function hex(s) return (s:gsub('.', function(c) return string.format('%02x', c:byte()) end)) end
local function add(...)
  local t = { ... }
  for i = 1, select('#', ...) do
    t[i] = type(t[i]) == 'string' and t[i]:find('[^%g ]') and hex(t[i]) or tostring(t[i])
  end
  lines[#lines + 1] = table.concat(t, ' ')
end
local values = { 0, 1, -1, 127, 128, -128, 255, 256, 32767, 65535, 65536, 2 ^ 31, 2 ^ 32 - 1, 2 ^ 32, -2 ^ 31, 2 ^ 40, -2 ^ 40, 2 ^ 53, 2 ^ 62,
  2 ^ 63, -2 ^ 63, 2 ^ 64, 1e300, -1e300, 0.5, -0.5, 1 / 3, 1 / 0, -1 / 0 }
local formats = { 'b', 'B', 'h', 'H', 'i', 'I', 'l', 'L', 'T', 'f', 'd', 'i1', 'i2', 'i3', 'i5', 'i7', 'i8', 'I8', 'i16', 'I32', 'x', 's', 'c0', 'c3' }
for _, format in ipairs(formats) do
  add('size', format, pcall(struct.size, format), pcall(struct.size, '!8b' .. format))
  for _, order in ipairs({ '<', '>', '!4<b', '!8>b' }) do
    for _, value in ipairs(values) do
      local ok, packed = pcall(struct.pack, order .. (order:find('b') and '' or '') .. format, value, value)
      if ok then add(order .. format, value, hex(packed), pcall(struct.unpack, order .. format, packed))
      else add(order .. format, value, packed) end
    end
  end
end
add(pcall(struct.unpack, 'i4', 'abc'), pcall(struct.unpack, 'i33', 'abc'), pcall(struct.unpack, '!3i', 'abcd'), pcall(struct.pack, 'q', 1))
add(pcall(struct.unpack, 'c0', 'abc'), pcall(struct.unpack, 'bc0', '\2abc'), pcall(struct.unpack, 'bc0', '\9abc'), pcall(struct.unpack, 'dc0', struct.pack('d', -1) .. 'x'))
add(pcall(struct.unpack, 'i', 'abcd', 2 ^ 32 + 1), pcall(struct.unpack, 'i', 'abcd', 0), pcall(struct.unpack, 'i', 'abcd', -1), pcall(struct.unpack, 's', 'abc'))
add(pcall(struct.size, 'c2147483647c2147483647c2147483647'), pcall(struct.size, 'c99999999999'), pcall(struct.pack, 'c5', 'abc'), pcall(struct.pack, 'i999', 1))
for _, value in ipairs(values) do
  local packed = cmsgpack.pack(value)
  add('mp', value, hex(packed), cmsgpack.unpack(packed))
end
for _, bytes in ipairs({ '\207\255\255\255\255\255\255\255\255', '\207\128\0\0\0\0\0\0\0', '\211\128\0\0\0\0\0\0\0', '\206\255\255\255\255', '\210\255\255\255\255',
  '\205\255\255', '\209\128\0', '\204\255', '\208\128', '\202\63\128\0\0', '\203\63\240\0\0\0\0\0\0', '\217\3abc', '\218\0\3abc', '\219\0\0\0\3abc', '\161a', '\219\255\255\255\255a',
  '\221\255\255\255\255', '\223\0\0\0\2', '\193', '\192', '\194', '\195', '\255', '\127', '\148\1\2\3', '\129\1', '' }) do
  add('unpack', hex(bytes), pcall(cmsgpack.unpack, bytes))
end
local function deep(n) local t = {} for _ = 1, n do t = { t } end return t end
for _, n in ipairs({ 1, 15, 16, 17, 30 }) do add('deep', n, hex(cmsgpack.pack(deep(n)))) end
for _, n in ipairs({ 0, 1, 15, 16, 31, 32, 255, 256, 65535, 65536 }) do
  local packed = cmsgpack.pack(string.rep('x', n))
  add('str', n, hex(packed:sub(1, 6)), #packed, #cmsgpack.unpack(packed))
  local list = {}
  for i = 1, n do list[i] = i end
  packed = cmsgpack.pack(list)
  add('list', n, hex(packed:sub(1, 6)), #packed, #cmsgpack.unpack(packed))
end
add('limits', pcall(cmsgpack.unpack_limit, '\1\2\3\4', 2), pcall(cmsgpack.unpack_limit, '\1\2\3\4', 2, 2), pcall(cmsgpack.unpack_one, '\1\2\3\4'), pcall(cmsgpack.unpack_one, '\1\2\3\4', 3))
add('bad limits', pcall(cmsgpack.unpack_one, '\1', 5), pcall(cmsgpack.unpack_one, '\1', -1), pcall(cmsgpack.unpack_limit, '\1', -1), pcall(cmsgpack.pack))
add('map', hex(cmsgpack.pack({ a = 1 })), hex(cmsgpack.pack({ [1] = 1, [3] = 3 })), hex(cmsgpack.pack({ [1.5] = 1 })), hex(cmsgpack.pack({ [0] = 1 })), hex(cmsgpack.pack({})))
return table.concat(lines, '\n')
