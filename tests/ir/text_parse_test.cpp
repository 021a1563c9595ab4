// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/random_op.hpp"

#include "sluice/ir/text.hpp"

namespace sluice::ir {
namespace {

using ::testing::HasSubstr;

// Equal but for the numbering of values: everything is compared by name.
void expect_same(const Graph& a, const Graph& b) {
  EXPECT_EQ(print(a, {.max_elements = 1 << 20}), print(b, {.max_elements = 1 << 20}));
  ASSERT_EQ(a.nodes.size(), b.nodes.size());
  for (std::size_t n = 0; n < a.nodes.size(); ++n) {
    ASSERT_EQ(a.nodes[n].op.index(), b.nodes[n].op.index());
    std::visit(
        [&](const auto& op) {
          using Op = std::decay_t<decltype(op)>;
          if constexpr (!std::is_same_v<Op, std::monostate>) {
            EXPECT_TRUE(test::same_attributes(op, std::get<Op>(b.nodes[n].op)))
                << op_name(a.nodes[n].op);
          }
        },
        a.nodes[n].op);
  }
}

// A node of the operator with random attributes, inputs (some absent) and outputs.
void add_random_node(Graph& graph, Op op, test::RandomAttributes& random) {
  std::visit(
      [&](auto& alternative) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(alternative)>, std::monostate>) {
          random.fill(alternative);
        }
      },
      op);
  std::vector<ValueId> inputs;
  for (int i = random.below(4); i > 0; --i) {
    const int id = random.below(static_cast<int>(graph.values.size()) + 1);
    inputs.push_back(ValueId{id - 1});
  }
  const auto num_outputs = static_cast<std::size_t>(random.below(3)) + 1;
  const NodeId node = graph.add_node("", std::move(op), inputs, num_outputs);
  for (ValueId& output : graph[node].outputs) {
    if (random.below(2) == 1) graph[output].type = ValueType{DType::Int4, {random.below(9), 2}};
  }
}

TEST(TextParse, GivesBackWhatWasPrintedForEveryOperator) {
  for (unsigned seed = 0; seed < 30; ++seed) {
    test::RandomAttributes random(seed);
    Graph graph;
    graph.name = "g\n\"";
    graph.add_input("in:0", DType::Float16, {kOpenDim, 3});
    graph.add_constant("", Tensor::from<float>({2, 2}, {0.1F, -0.0F, 1e30F, -7}));
    graph.add_constant("empty", Tensor(DType::Int64, {0}));
    for (std::size_t index = 1; index < std::variant_size_v<OpVariant>; ++index) {
      static const std::vector<std::string_view> kNames{
#define SL_OP(Name, family) #Name,
#include "sluice/ir/ops.def"
#undef SL_OP
      };
      add_random_node(graph, op_from_name(kNames[index - 1]), random);
    }
    graph.outputs = {ValueId{static_cast<std::int32_t>(graph.values.size()) - 1}, ValueId{0}};
    const std::string text = print(graph);
    const auto parsed = parse(text);
    ASSERT_TRUE(parsed) << parsed.error().text() << "\n" << text;
    expect_same(graph, *parsed);
  }
}

TEST(TextParse, TakesWhatPeopleWrite) {
  const auto graph = parse(R"(
    # A comment.
    graph "small" {
      input %x: float32[1x4]
      %y = Elu(%x) {alpha=0.5}
      %z = Relu(%y) "last"   # named
      output %z
    }
  )");
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(graph->nodes[0].name, "Elu_0");
  EXPECT_EQ(graph->nodes[1].name, "last");
  EXPECT_EQ(std::get<Elu>(graph->nodes[0].op).alpha, 0.5F);
  EXPECT_FALSE((*graph)[graph->nodes[0].outputs[0]].type);
}

// The message for a body inside `graph "g" { … }`, with a value %x.
std::string refusal(const std::string& body) {
  const auto graph = parse("graph \"g\" {\ninput %x: float32[2]\n" + body + "\n}");
  return graph ? "" : graph.error().text();
}

TEST(TextParse, ErrorsNameTheLineAndTheRemedy) {
  EXPECT_EQ(refusal("%y = Rely(%x)"), R"(line 3: there is no operator "Rely")");
  EXPECT_EQ(refusal("\n%y = Elu(%x) {alpa=1}"),
            R"(line 4: there is no attribute "alpa" (did you mean "alpha"?))");
  EXPECT_THAT(refusal("%y = Relu(%z)"), HasSubstr("used before it is made"));
  EXPECT_THAT(refusal("%y = Relu(%y)"), HasSubstr("its own output"));
  EXPECT_THAT(refusal("%x = Relu(%x)"), HasSubstr("made a second time"));
  EXPECT_THAT(refusal("output %z"), HasSubstr("used before it is made"));
  EXPECT_THAT(refusal("%y = Relu(%x) \"a\"\n%z = Relu(%x) \"a\""), HasSubstr("name of its own"));
  EXPECT_THAT(refusal("%y = Elu(%x) {alpha=1, alpha=2}"), HasSubstr("twice"));
}

TEST(TextParse, ValuesOfTheWrongKindAreRefused) {
  EXPECT_THAT(refusal("%y = Elu(%x) {alpha=big}"), HasSubstr("no number"));
  EXPECT_THAT(refusal("%y = Concat(%x) {axis=99999999999999999999}"), HasSubstr("no number"));
  EXPECT_THAT(refusal("%y = Pad(%x) {mode=Mirror}"), HasSubstr("\"Mirror\""));
  EXPECT_THAT(refusal("%y = Cast(%x) {to=float33}"), HasSubstr("\"float33\""));
  EXPECT_THAT(refusal("%y = Cast(%x) {saturate=1}"), HasSubstr("true or false"));
  EXPECT_THAT(refusal("%y = Snap(%x) {grid=round {}}"), HasSubstr("affine, fixed or block"));
  EXPECT_THAT(refusal("%y = Transpose(%x) {permutation=[1 2]}"), HasSubstr("\",\""));
}

TEST(TextParse, ConstantsMustHaveAllTheirElements) {
  EXPECT_THAT(refusal("const %c: int8[3] = [1, 2]"), HasSubstr("2 elements"));
  EXPECT_THAT(refusal("const %c: int8[2] = [1, 200]"), HasSubstr("\"200\" is no int8"));
  EXPECT_THAT(refusal("const %c: int8[2] = [...]"), HasSubstr("max_elements"));
  EXPECT_THAT(refusal("const %c: int8[99999999x99999999] = []"), HasSubstr("elements"));
  EXPECT_THAT(refusal("const %c: int8[-1] = []"), HasSubstr("no dimension"));
  EXPECT_THAT(refusal("const %c: int8[?] = []"), HasSubstr("no dimension"));
  EXPECT_THAT(refusal("const %c: int8[2x] = []"), HasSubstr("no dimension"));
  EXPECT_THAT(refusal("const %c: int8[2\n] = []"), HasSubstr("line ends"));
}

TEST(TextParse, EveryPrefixOfAPrintIsAnErrorAndNoMore) {
  const std::string text =
      "graph \"g\" {\n  input %x: float32[?x2] as float32[1x2]\n"
      "  const %c: int8[2] = [1, -2]\n"
      "  %y: float32[1x2], _ = Snap(%x, _) {grid=affine {scale=[1, 2]}} \"n\"\n  output %y\n}";
  ASSERT_TRUE(parse(text)) << parse(text).error().text();
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(parse(std::string_view(text).substr(0, size))) << size;
  }
  EXPECT_FALSE(parse(text + " x"));
}

TEST(TextParse, GivesBackQuantizationAndArithmetic) {
  Graph graph;
  const ValueId x = graph.add_input("x", DType::Int8, {kOpenDim, 2});
  const ValueId w = graph.add_constant("w", Tensor(DType::Int8, {2, 2}));
  const NodeId node = graph.add_node("m", MatMul{}, {x, w});
  const ValueId y = graph[node].outputs[0];
  graph[x].quantization = {DType::Int8, {0.1F}, {-128}};
  graph[w].quantization = {DType::Int8, {0.25F, 1e-9F}, {0, 0}, 1};
  graph[y].quantization = {DType::Int8, {3}, {7}};
  graph[node].arithmetic = numeric::Arithmetic::Xnnpack;
  graph[y].quantization->bits = 5;
  graph[node].accumulator = numeric::Accumulator{24, numeric::Overflow::Saturate};
  graph.outputs = {y};
  const auto parsed = parse(print(graph));
  ASSERT_TRUE(parsed) << parsed.error().text();
  expect_same(graph, *parsed);
  for (const Value& value : parsed->values) {
    const auto named = [&](const Value& other) { return other.name == value.name; };
    EXPECT_EQ(value.quantization, std::ranges::find_if(graph.values, named)->quantization);
  }
  EXPECT_EQ(parsed->nodes[0].arithmetic, numeric::Arithmetic::Xnnpack);
  EXPECT_EQ(parsed->nodes[0].accumulator, graph[node].accumulator);
  EXPECT_THAT(refusal("%y = Relu(%x) by xnnpak"), HasSubstr("did you mean \"xnnpack\""));
}

TEST(Parse, BitsThatAreNoElementAreRefused) {
  EXPECT_TRUE(parse("graph \"g\" {const %a: bool[1] = [0x1]}"));
  const auto graph = parse("graph \"g\" {\nconst %a: bool[1] = [0x2]}");
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().text(), "line 2: has bits that are no bool");
}

TEST(Parse, DeclaredShapesThatCannotBeAreRefused) {
  EXPECT_TRUE(parse("graph \"g\" {input %a: int8[?x2147483648]}"));
  EXPECT_FALSE(parse("graph \"g\" {input %a: int8[?x2147483649]}"));
  EXPECT_FALSE(parse("graph \"g\" {input %a: int8[4294967296x4294967296]}"));
}

TEST(Parse, DataNeedsADataSection) {
  const auto graph = parse("graph \"g\" {const %a: int8[4] = data[0]}");
  ASSERT_FALSE(graph);
  EXPECT_THAT(graph.error().text(), HasSubstr("end beyond the data, which has 0"));
}

}  // namespace
}  // namespace sluice::ir
