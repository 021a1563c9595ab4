// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/huffman.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <numeric>
#include <queue>

#include "sluice/base/assert.hpp"

namespace sluice::sparse {
namespace {

// How many of a word's first bits the table of a decoder looks at.
constexpr int kTableBits = 12;

// The symbols that occur, the rarest first, equals in their order.
std::vector<std::uint32_t> by_count(std::span<const std::uint64_t> counts) {
  std::vector<std::uint32_t> symbols;
  symbols.reserve(counts.size());
  for (std::size_t s = 0; s < counts.size(); ++s) {
    if (counts[s] > 0) symbols.push_back(static_cast<std::uint32_t>(s));
  }
  std::ranges::stable_sort(symbols, {}, [&](std::uint32_t s) { return counts[s]; });
  return symbols;
}

// Depths below the root, which is the last: each of the others has its parent behind it.
std::vector<std::uint32_t> depths(const std::vector<std::size_t>& parents) {
  std::vector<std::uint32_t> result(parents.size());
  for (std::size_t node = parents.size() - 1; node-- > 0;) {
    result[node] = result[parents[node]] + 1;
  }
  return result;
}

// Huffman's tree over leaves of ascending counts: the depth of each leaf. Joined trees come in
// ascending order, so two queues do for a heap. A leaf before a joined tree of the same count keeps
// the tree low.
std::vector<std::uint32_t> tree_depths(const std::vector<std::uint64_t>& leaves) {
  const std::size_t n = leaves.size();
  std::vector<std::uint64_t> joined;
  joined.reserve(n);
  std::vector<std::size_t> parents(2 * n - 1);
  std::size_t next_leaf = 0;
  std::size_t next_joined = 0;
  const auto take = [&] {
    const bool is_leaf =
        next_joined == joined.size() || (next_leaf < n && leaves[next_leaf] <= joined[next_joined]);
    const std::size_t node = is_leaf ? next_leaf++ : n + next_joined++;
    parents[node] = n + joined.size();
    return is_leaf ? leaves[node] : joined[node - n];
  };
  while (joined.size() + 1 < n) {
    const std::uint64_t a = take();
    const std::uint64_t b = take();
    joined.push_back(a + b);
  }
  std::vector<std::uint32_t> result = depths(parents);
  result.resize(n);
  return result;
}

// Package-merge (Larmore and Hirschberg): the depths of an optimal tree no deeper than `limit`, for
// two leaves or more. Level by level the items are the leaves and the pairs of the level before, by
// count. Of the last level 2n − 2 items are taken, and of each level before it the pairs' parts; a
// leaf is as deep as the number of levels that take it.
std::vector<std::uint32_t> limited_depths(const std::vector<std::uint64_t>& leaves, int limit) {
  const std::size_t n = leaves.size();
  std::vector<std::vector<bool>> is_leaf(static_cast<std::size_t>(limit));
  std::vector<std::uint64_t> items;
  for (std::vector<bool>& level : is_leaf) {
    std::vector<std::uint64_t> pairs(items.size() / 2);
    for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = items[2 * i] + items[2 * i + 1];
    items.clear();
    items.reserve(n + pairs.size());
    level.reserve(n + pairs.size());
    for (std::size_t leaf = 0, pair = 0; leaf < n || pair < pairs.size();) {
      const bool takes_leaf = pair == pairs.size() || (leaf < n && leaves[leaf] <= pairs[pair]);
      items.push_back(takes_leaf ? leaves[leaf++] : pairs[pair++]);
      level.push_back(takes_leaf);
    }
  }
  std::vector<std::uint32_t> result(n);
  std::size_t taken = 2 * n - 2;
  for (auto level = is_leaf.rbegin(); level != is_leaf.rend(); ++level) {
    const auto end = level->begin() + static_cast<std::ptrdiff_t>(taken);
    const auto num_leaves = static_cast<std::size_t>(std::count(level->begin(), end, true));
    for (std::size_t leaf = 0; leaf < num_leaves; ++leaf) ++result[leaf];
    taken = 2 * (taken - num_leaves);
  }
  return result;
}

template <class Length>
std::uint64_t bits_in(std::span<const std::uint64_t> counts, std::span<const Length> lengths) {
  SL_ASSERT(counts.size() == lengths.size(), "a length for each count");
  return std::transform_reduce(counts.begin(), counts.end(), lengths.begin(), std::uint64_t{0},
                               std::plus<>(),
                               [](std::uint64_t count, Length length) { return count * length; });
}

}  // namespace

Result<std::vector<std::uint8_t>> word_lengths(std::span<const std::uint64_t> counts,
                                               int max_length) {
  SL_ASSERT(max_length >= 1 && max_length <= kMaxWordBits, "words of 1 to kMaxWordBits bits");
  const std::vector<std::uint32_t> symbols = by_count(counts);
  std::vector<std::uint8_t> lengths(counts.size());
  if (symbols.size() > std::uint64_t{1} << static_cast<unsigned>(max_length)) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("{} symbols occur, and there are not as many words of {} bits; allow "
                             "longer ones",
                             symbols.size(), max_length)};
  }
  if (symbols.empty()) return lengths;
  if (symbols.size() == 1) {
    lengths[symbols[0]] = 1;
    return lengths;
  }
  std::vector<std::uint64_t> leaves;
  leaves.reserve(symbols.size());
  for (const std::uint32_t symbol : symbols) leaves.push_back(counts[symbol]);
  std::vector<std::uint32_t> found = tree_depths(leaves);
  if (std::ranges::max(found) > static_cast<std::uint32_t>(max_length)) {
    found = limited_depths(leaves, max_length);
  }
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    lengths[symbols[i]] = static_cast<std::uint8_t>(found[i]);
  }
  return lengths;
}

PublishedLengths published_word_lengths(std::span<const std::uint64_t> counts) {
  struct Tree {
    std::uint64_t count;
    std::size_t first;  // symbol + 1; 0: the end mark
    std::size_t node;
    bool operator>(const Tree& other) const {
      return count != other.count ? count > other.count : first > other.first;
    }
  };
  std::priority_queue<Tree, std::vector<Tree>, std::greater<>> trees;
  trees.push({1, 0, 0});
  for (std::size_t s = 0; s < counts.size(); ++s) trees.push({counts[s], s + 1, s + 1});
  std::vector<std::size_t> parents(2 * trees.size() - 1);
  for (std::size_t node = trees.size(); trees.size() > 1; ++node) {
    const Tree a = trees.top();
    trees.pop();
    const Tree b = trees.top();
    trees.pop();
    parents[a.node] = parents[b.node] = node;
    trees.push({a.count + b.count, a.first, node});
  }
  const std::vector<std::uint32_t> found = depths(parents);
  return {{found.begin() + 1, found.begin() + 1 + static_cast<std::ptrdiff_t>(counts.size())},
          found[0]};
}

std::uint64_t encoded_bits(std::span<const std::uint64_t> counts,
                           std::span<const std::uint8_t> lengths) {
  return bits_in(counts, lengths);
}

std::uint64_t encoded_bits(std::span<const std::uint64_t> counts,
                           std::span<const std::uint32_t> lengths) {
  return bits_in(counts, lengths);
}

double entropy_bits(std::span<const std::uint64_t> counts) {
  const auto total = static_cast<double>(std::reduce(counts.begin(), counts.end()));
  double bits = 0;
  for (const std::uint64_t count : counts) {
    if (count == 0) continue;
    const double part = static_cast<double>(count) / total;
    bits -= part * std::log2(part);
  }
  return std::max(bits, 0.0);
}

Result<HuffmanCode> HuffmanCode::create(std::vector<std::uint8_t> lengths) {
  HuffmanCode code;
  code.lengths_ = std::move(lengths);
  const auto longest = code.lengths_.empty() ? 0 : std::ranges::max(code.lengths_);
  const auto refuse = [](std::string what) { return Error{ErrorCode::Verify, std::move(what)}; };
  if (longest > kMaxWordBits) {
    return refuse(fmt::format("has a word of {} bits, and {} is the most", longest, kMaxWordBits));
  }
  code.longest_ = longest;
  const auto size = static_cast<std::size_t>(longest) + 1;
  code.count_.assign(size, 0);
  for (const std::uint8_t length : code.lengths_) ++code.count_[length];
  code.count_[0] = 0;
  // Room left for words, in words of the length at hand: there is none for a longer one where a
  // shorter one has taken it.
  std::uint64_t room = 1;
  for (std::size_t length = 1; length < size; ++length) {
    room *= 2;
    if (code.count_[length] > room) {
      return refuse(fmt::format("has more words of {} bits than there is room for", length));
    }
    room -= code.count_[length];
  }
  const bool is_trivial = longest == 0 || (longest == 1 && code.count_[1] == 1);
  if (room != 0 && !is_trivial) return refuse("leaves room for words that are missing");
  code.number_words();
  code.fill_table();
  return code;
}

void HuffmanCode::number_words() {
  first_.assign(count_.size(), 0);
  offset_.assign(count_.size(), 0);
  for (std::size_t length = 1; length < count_.size(); ++length) {
    first_[length] = (first_[length - 1] + count_[length - 1]) * 2;
    offset_[length] = offset_[length - 1] + count_[length - 1];
  }
  words_.assign(lengths_.size(), 0);
  symbols_.assign(static_cast<std::size_t>(std::reduce(count_.begin(), count_.end())), 0);
  std::vector<std::uint64_t> used(count_.size());
  for (std::size_t symbol = 0; symbol < lengths_.size(); ++symbol) {
    const std::size_t length = lengths_[symbol];
    if (length == 0) continue;
    const std::uint64_t at = used[length]++;
    words_[symbol] = first_[length] + at;
    symbols_[static_cast<std::size_t>(offset_[length] + at)] = static_cast<std::uint32_t>(symbol);
  }
}

void HuffmanCode::fill_table() {
  table_.assign(std::size_t{1} << kTableBits, {});
  for (const std::uint32_t symbol : symbols_) {
    const int length = lengths_[symbol];
    if (length > kTableBits) break;
    const auto shift = static_cast<unsigned>(kTableBits - length);
    const auto begin = static_cast<std::size_t>(words_[symbol] << shift);
    std::fill_n(table_.begin() + static_cast<std::ptrdiff_t>(begin), std::size_t{1} << shift,
                Entry{symbol, static_cast<std::uint8_t>(length)});
  }
}

HuffmanCode::Entry HuffmanCode::find(std::uint64_t bits) const {
  for (int length = kTableBits + 1; length <= longest_; ++length) {
    const auto at = static_cast<std::size_t>(length);
    const std::uint64_t word = bits >> static_cast<unsigned>(kMaxWordBits - length);
    if (word >= first_[at] && word - first_[at] < count_[at]) {
      return {symbols_[static_cast<std::size_t>(offset_[at] + word - first_[at])],
              static_cast<std::uint8_t>(length)};
    }
  }
  return {};
}

std::uint64_t HuffmanCode::table_bits() const noexcept {
  return lengths_.size() *
         static_cast<std::uint64_t>(std::bit_width(static_cast<unsigned>(longest_)));
}

BitStream HuffmanCode::encode(std::span<const std::int32_t> codes, const Alphabet& alphabet) const {
  SL_ASSERT(alphabet.size() == lengths_.size(), "the table is the alphabet's");
  BitWriter writer;
  for (const std::int32_t code : codes) {
    const std::size_t symbol = alphabet.index(code);
    SL_DASSERT(lengths_[symbol] > 0, "each code has a word");
    writer.write(words_[symbol], lengths_[symbol]);
  }
  return std::move(writer).finish();
}

Result<std::vector<std::int32_t>> HuffmanCode::decode(const BitStream& stream,
                                                      const Alphabet& alphabet,
                                                      std::uint64_t count) const {
  SL_ASSERT(alphabet.size() == lengths_.size(), "the table is the alphabet's");
  const auto refuse = [](std::string what) { return Error{ErrorCode::Parse, std::move(what)}; };
  // Each takes a bit or more, so there is no memory asked for that the stream does not bear out.
  if (count > stream.num_bits) return refuse("ends before all codes have come");
  std::vector<std::int32_t> codes;
  codes.reserve(static_cast<std::size_t>(count));
  BitReader reader(stream);
  while (codes.size() < count) {
    const std::uint64_t bits = reader.peek(kMaxWordBits);
    Entry entry = table_[static_cast<std::size_t>(bits >> (kMaxWordBits - kTableBits))];
    if (entry.length == 0) entry = find(bits);
    if (entry.length == 0) {
      return refuse(fmt::format("no word begins with the bits of code {}", codes.size()));
    }
    if (entry.length > reader.remaining()) return refuse("ends before all codes have come");
    reader.skip(entry.length);
    codes.push_back(alphabet.code(entry.symbol));
  }
  if (reader.remaining() > 0) {
    return refuse(fmt::format("has {} bits behind its last code", reader.remaining()));
  }
  return codes;
}

void count_codes(std::span<const std::int32_t> codes, const Alphabet& alphabet,
                 std::span<std::uint64_t> counts) {
  SL_ASSERT(alphabet.size() == counts.size(), "a count for each code");
  for (const std::int32_t code : codes) {
    SL_DASSERT(alphabet.contains(code), "a code of the alphabet");
    ++counts[alphabet.index(code)];
  }
}

}  // namespace sluice::sparse
