using System.Text;
using System.Text.Json;
using Fn.Api.Functions;
using Fn.Api.Json;
using Fn.Api.Triggers;
using Xunit;

namespace Fn.Tests.Api.Json;

public class JsonBodyTests
{
    [Theory]
    [InlineData("""{"name":"a"}""", "a")]
    [InlineData("""{"NAME":"a"}""", "a")]
    [InlineData("""{"Name":"b","nAmE":"a"}""", "a")]
    [InlineData("""{"name":"a","name":null}""", "a")]
    [InlineData("""{"name":null}""", null)]
    [InlineData("""{"other":{"name":["x",{}]},"name":"a"}""", "a")]
    [InlineData("""{"other":[],"more":{},"name":"a"}""", "a")]
    [InlineData("null", null)]
    [InlineData("{}", null)]
    [InlineData(""" { "name" : "\u0061\n\"" } """, "a\n\"")]
    [InlineData("""{"name":"\ud83d\ude00"}""", "😀")]
    [InlineData("""{"name":"\ud83dx"}""", "\uFFFDx")]
    public void Parse_Name_IsReadAsGoReadsIt(string json, string? expected) => Assert.Equal(expected, Parse(json).Name);

    [Fact]
    public void Parse_FieldNameWithKelvinSign_Matches() => Assert.Equal("f", JsonBody.Parse<TriggerInput>("{\"\u017Fource\":\"f\"}"u8).Source);

    [Fact]
    public void Parse_TextThatIsNoUtf8_IsRepaired() => Assert.Equal("a\uFFFDb\t", JsonBody.Parse<FunctionInput>([.. "{\"name\":\"a"u8, 0xFF, .. "b\\t\"}"u8]).Name);

    [Theory]
    [InlineData("""{"memory":1}""", 1)]
    [InlineData("""{"memory":18446744073709551615}""", ulong.MaxValue)]
    [InlineData("""{"memory":null}""", 0)]
    [InlineData("""{"Memory":0}""", 0)]
    public void Parse_Memory_IsUnsigned(string json, ulong expected) => Assert.Equal(expected, Parse(json).Memory);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("[]")]
    [InlineData("\"a\"")]
    [InlineData("1")]
    [InlineData("true")]
    [InlineData("{")]
    [InlineData("""{"name":"a" """)]
    [InlineData("""{"name":"a",}""")]
    [InlineData("""{'name':"a"}""")]
    [InlineData("""{"name":1}""")]
    [InlineData("""{"name":{}}""")]
    [InlineData("""{"name":false}""")]
    [InlineData("""{"memory":-1}""")]
    [InlineData("""{"memory":-0}""")]
    [InlineData("""{"memory":1.0}""")]
    [InlineData("""{"memory":"1"}""")]
    [InlineData("""{"memory":18446744073709551616}""")]
    [InlineData("""{"timeout":1e1}""")]
    [InlineData("""{"timeout":2147483648}""")]
    [InlineData("""{"timeout":true}""")]
    [InlineData("""{"config":[]}""")]
    [InlineData("""{"config":{"a":1}}""")]
    [InlineData("""{"annotations":"a"}""")]
    [InlineData("""{"created_at":"yesterday"}""")]
    [InlineData("""{"created_at":1}""")]
    [InlineData("""{"shape":1}""")]
    [InlineData("{\"name\":\"a\nb\"}")]
    [InlineData("\uFEFF{}")]
    public void Parse_WhatGoRefuses_Throws(string json) => Assert.ThrowsAny<JsonException>(() => Parse(json));

    [Fact]
    public void Parse_Config_NullValueIsEmptyAndNullMapIsAbsent()
    {
        var input = Parse("""{"config":{"a":null,"b":"x"}}""");
        Assert.Equal("", input.Config!["a"]);
        Assert.Equal("x", input.Config["b"]);
        Assert.Null(Parse("""{"config":{"a":"b"},"config":null}""").Config);
    }

    [Theory]
    [InlineData("""{ "z" : [ 1 , 2.50 ], "a" : "x  y" }""", """{"z":[1,2.50],"a":"x  y"}""")]
    [InlineData("\"a\\\"  b\"", "\"a\\\"  b\"")]
    [InlineData("\"\\u003c\\u0026\\u003E\\u2028\"", "\"<&>\u2028\"")]
    [InlineData("\"\\\\u003c\"", "\"\\\\u003c\"")]
    [InlineData("\"\\u00e9é\"", "\"\\u00e9é\"")]
    [InlineData(" null", "null")]
    [InlineData("1e5", "1e5")]
    public void Parse_Annotation_IsKeptAsCompactText(string value, string expected) =>
        Assert.Equal(expected, Parse($$"""{"annotations":{"k":{{value}}},"name":"n"}""").Annotations!["k"]);

    [Fact]
    public void Parse_AfterMap_GoesOnWithTheNextField()
    {
        var input = Parse("""{"annotations":{"a":{"name":"x"},"b":[{}]},"config":{},"name":"n","image":"i"}""");
        Assert.Equal(("n", "i"), (input.Name, input.Image));
    }

    private static FunctionInput Parse(string json) => JsonBody.Parse<FunctionInput>(Encoding.UTF8.GetBytes(json));
}
