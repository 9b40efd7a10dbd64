using Fn.Api.Deploy;
using Xunit;

namespace Fn.Tests.Api.Deploy;

public sealed class FuncYamlTests
{
    [Fact]
    public void Read_CurrentForm_HasAllThatMatters()
    {
        var (deployment, problem) = FuncYaml.Read("""
            schema_version: 20180708
            name: hello
            version: 0.0.7
            runtime: dotnet
            entrypoint: ./func
            content_type: text/plain
            memory: 256
            timeout: 60
            idle_timeout: 90
            min_hot: 2
            config:
              GREETING: Hello
              COUNT: 3
            annotations:
              mine.org/list: [1, "2", true, {a: b}]
              mine.org/text: "7"
            expects:
              config:
                - name: SECRET
                  required: true
                - name: OPTIONAL
                  required: false
            triggers:
              - name: one
                type: http
                source: /one
            """);

        Assert.Null(problem);
        var function = deployment!.Function;
        Assert.Equal(("hello:0.0.7", "http-stream", 256UL, 60, 90), (function.Image, function.Format, function.Memory, function.Timeout, function.IdleTimeout));
        Assert.Equal(2, function.MinHot);
        Assert.Equal(new Dictionary<string, string> { ["GREETING"] = "Hello", ["COUNT"] = "3" }, function.Config);
        Assert.Equal(new Dictionary<string, string> { ["mine.org/list"] = """[1,"2",true,{"a":"b"}]""", ["mine.org/text"] = "\"7\"" }, function.Annotations);
        Assert.Equal([new DeployedTrigger("one", "http", "/one")], deployment.Triggers);
        Assert.Equal(["SECRET"], deployment.RequiredConfig);
    }

    [Fact]
    public void Read_FormOf2017_IsADefaultFunctionWithItsPathAsTrigger()
    {
        var (deployment, problem) = FuncYaml.Read("""
            name: treeder/hello
            version: 0.0.1
            runtime: go
            entrypoint: ./func
            type: sync
            path: /hello
            headers:
              X-Mine: [a]
            tests:
              - name: a
                in: b
                out: c
            """);

        Assert.Null(problem);
        Assert.Equal(("treeder/hello:0.0.1", "default", 0UL), (deployment!.Function.Image, deployment.Function.Format, deployment.Function.Memory));
        Assert.Equal([new DeployedTrigger("path", "http", "/hello")], deployment.Triggers);
    }

    [Theory]
    [InlineData("format: http", "http", null)]
    [InlineData("image: other/image:9\nname: n\nversion: 1.2.3", "default", "other/image:9")]
    [InlineData("name: only", "default", "only")]
    [InlineData("{\"schema_version\": 20180708, \"name\": \"json\", \"version\": \"1\"}", "http-stream", "json:1")]
    [InlineData("memory:\nconfig:\ntriggers:\nexpects:\n", "default", null)]
    public void Read_Format_IsTheFormsUnlessGiven(string yaml, string format, string? image)
    {
        var (deployment, problem) = FuncYaml.Read(yaml);

        Assert.Null(problem);
        Assert.Equal((format, image), (deployment!.Function.Format, deployment.Function.Image));
    }

    [Theory]
    [InlineData("", "line 1: func.yaml is empty")]
    [InlineData("just text", "line 1: func.yaml has to be fields with values (name: value)")]
    [InlineData("a: b\n---\nc: d", "line 3: func.yaml is one document")]
    [InlineData("name: a\nmemroy: 1", "line 2: unknown field 'memroy'")]
    [InlineData("name: a\n\nmemory: lots", "line 3: memory is 'lots': allowed is a whole number from 0 to 8192")]
    [InlineData("memory: 8193", "line 1: memory is '8193': allowed is a whole number from 0 to 8192")]
    [InlineData("timeout: -1", "line 1: timeout is '-1': allowed is a whole number from 0 to 300")]
    [InlineData("idle_timeout: 1.5", "line 1: idle_timeout is '1.5': allowed is a whole number from 0 to 3600")]
    [InlineData("format: json", "line 1: format is 'json': allowed are http-stream, http and default")]
    [InlineData("type: async", "line 1: type is not sync: call with the header Fn-Invoke-Type: detached instead")]
    [InlineData("schema_version: 20190101", "line 1: schema_version is not 20180708: other versions are not supported, fn migrate makes one")]
    [InlineData("name: [a]", "line 1: name has to be a text")]
    [InlineData("config: text", "line 1: config has to be fields with values (name: value)")]
    [InlineData("config:\n  A: [1]", "line 2: config.A has to be a text")]
    [InlineData("triggers: one", "line 1: triggers has to be a list")]
    [InlineData("triggers:\n  - one", "line 2: each of triggers has to be fields with values (name: value)")]
    [InlineData("triggers:\n  - name: a", "line 2: source is missing")]
    [InlineData("triggers:\n  - name: a\n    source: /a\n    sauce: x", "line 4: unknown field 'sauce'")]
    [InlineData("expects:\n  config:\n    - name: A\n      required: maybe", "line 4: required is 'maybe': allowed are true and false")]
    [InlineData("a: &x [1]\nb: *x", "line 2: references (*name) are not supported")]
    [InlineData("name: a\n!x memory: 5", "line 2: tags (!name) are not supported")]
    [InlineData("name: a\n? [b]\n: c", "line 2: a list or fields cannot be the name of a field")]
    [InlineData("annotations:\n  a: {[1]: 1, [2]: 2}", "line 2: a list or fields cannot be the name of a field")]
    [InlineData("annotations:\n  a: {b: 1, 'b': 2}", "line 2: Duplicate key b")]
    [InlineData("name: a\nname: b", "line 2: Duplicate key name")]
    [InlineData("name: [a", "line 2: ")]
    [InlineData("name: 'a", "line 1: ")]
    public void Read_Wrong_NamesLineAndField(string yaml, string problem)
    {
        var outcome = FuncYaml.Read(yaml);

        Assert.Null(outcome.Deployment);
        Assert.StartsWith(problem, outcome.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    public void Read_NestedWithoutEnd_IsRefusedBeforeItUsesUpTheStack(string opening)
    {
        var outcome = FuncYaml.Read("annotations:\n  a: " + string.Concat(Enumerable.Repeat(opening, 100_000)));

        Assert.Equal("line 2: more than 64 levels of nesting are not supported", outcome.Problem);
    }

    [Fact]
    public void Read_ConfigWithoutValue_IsEmpty()
    {
        var (deployment, problem) = FuncYaml.Read("config:\n  A:\n  B: ~\n  C: null\n  D: 'null'\n");

        Assert.Null(problem);
        Assert.Equal(new Dictionary<string, string> { ["A"] = "", ["B"] = "", ["C"] = "", ["D"] = "null" }, deployment!.Function.Config);
    }
}
