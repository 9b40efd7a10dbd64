using System.Collections.Immutable;
using Fn.Api.Annotations;
using Fn.Api.Http;
using Fn.Api.Json;
using Xunit;

namespace Fn.Tests.Api.Annotations;

public class AnnotationRulesTests
{
    public static TheoryData<string, string, string?> Entries => new()
    {
        { "a", "false", null },
        { "a", "0", null },
        { "a", "[]", null },
        { "a", "{}", null },
        { "!~", "\"x\"", null },
        { new string('k', 128), "1", null },
        { "a", $"\"{new string('v', 510)}\"", null },
        { "", "1", AnnotationRules.InvalidKey.Message },
        { "a b", "1", AnnotationRules.InvalidKey.Message },
        { "a\u007F", "1", AnnotationRules.InvalidKey.Message },
        { "é", "1", AnnotationRules.InvalidKey.Message },
        { new string(' ', 129), "1", AnnotationRules.InvalidKey.Message },
        { new string('k', 129), "\"\"", AnnotationRules.KeyTooLong.Message },
        { "a", "\"\"", AnnotationRules.InvalidValue.Message },
        { "a", "null", AnnotationRules.InvalidValue.Message },
        { "a", $"\"{new string('v', 511)}\"", AnnotationRules.ValueTooLong.Message },
        { "a", $"\"{new string('é', 256)}\"", AnnotationRules.ValueTooLong.Message },
    };

    [Theory]
    [MemberData(nameof(Entries))]
    public void Check_OneEntry_IsJudged(string key, string value, string? message) =>
        Assert.Equal(message, AnnotationRules.Check(StringMap.Empty.Add(key, value))?.Message);

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void Check_ManyKeys_AreLimited(int count, bool allowed) => Assert.Equal(allowed ? null : AnnotationRules.TooManyKeys, AnnotationRules.Check(Many(count)));

    [Fact]
    public void Check_ManyKeysOneOfThemWrong_NamesTheWrongOne() =>
        Assert.Equal(AnnotationRules.InvalidValue, AnnotationRules.Check(Many(200).SetItem("k150", "null")));

    [Fact]
    public void Merge_EmptyAndNullValues_TakeTheKeyOut()
    {
        var merged = AnnotationRules.Merge(Many(3), new Dictionary<string, string> { ["k000"] = "\"\"", ["k001"] = "null", ["new"] = "[]", ["none"] = "null" });
        Assert.Equal(["k002", "new"], merged.Keys);
    }

    [Fact]
    public void Merge_ServersOwnKey_IsDropped()
    {
        var merged = AnnotationRules.Merge(StringMap.Empty, new Dictionary<string, string> { ["own"] = "1", ["mine"] = "2" }, "own");
        Assert.Equal(["mine"], merged.Keys);
    }

    [Fact]
    public void Messages_AreTheContracts() => Assert.Equal(
        [
            "Invalid annotation key, annotation keys must be non-empty ascii strings excluding whitespace",
            "Invalid annotation key length, annotation keys may not be larger than 128 bytes",
            "Invalid annotation value, annotation values may only be non-empty strings, numbers, objects, or arrays",
            "Invalid annotation value length, annotation values may not be larger than 512 bytes when serialized as JSON",
            "Invalid annotation change, new key(s) exceed maximum permitted number of annotations keys (100)",
        ],
        new ApiError[]
        {
            AnnotationRules.InvalidKey, AnnotationRules.KeyTooLong, AnnotationRules.InvalidValue, AnnotationRules.ValueTooLong, AnnotationRules.TooManyKeys,
        }.Select(error => error.Message));

    private static ImmutableSortedDictionary<string, string> Many(int count) =>
        StringMap.Empty.AddRange(Enumerable.Range(0, count).Select(i => KeyValuePair.Create($"k{i:000}", "1")));
}
