using System.Text.Json.Nodes;
using Fn.ServiceDefaults.Contracts;
using Fn.Tests.Functions;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>Many callers of a function that cannot be started: they share the few attempts, until it is mended.</summary>
[Collection(LoadRuns.Name)]
public sealed class LoadFailedStartsTests : IDisposable
{
    private const int Callers = 50;

    /// <summary>Attempts that there may be when a slow machine spreads the callers over several seconds.</summary>
    private const int Few = 6;

    private const string Exits = "#!/bin/sh\necho started >> \"$STARTS\"\nexit 3\n";
    private const string NotInitialized = "{\"message\":\"Container failed to initialize, please ensure you are using the latest fdk and check the logs\"}\n";
    private const string NoAnswer = "{\"message\":\"error receiving function response\"}\n";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("fn-load-");

    private string Starts => Path.Combine(_root.FullName, "starts");

    public void Dispose() => _root.Delete(recursive: true);

    [Theory]
    [InlineData(FunctionFormat.HttpStream, false)]
    [InlineData(FunctionFormat.HttpStream, true)]
    [InlineData(FunctionFormat.Http, false)]
    [InlineData(FunctionFormat.Http, true)]
    public async Task Call_ManyOfAFunctionThatCannotStart_ShareFewStartsUntilItIsMended(string format, bool executable)
    {
        await using var platform = await Platform.StartAsync(runners: 1, $"--Fn:Runner:ProcessRoots:1={_root.FullName}");
        var config = new JsonObject { ["STARTS"] = Starts };
        foreach (var (key, value) in FaultyFunction.Config)
            config[key] = value;
        var id = await platform.CreateAsync("broken", $"process:{await WriteAsync(executable)}", format, config: config);

        var answers = await Task.WhenAll(platform.CallMany(id, Callers, "echo"));

        // What has no way to say that it is ready may have come to its end because of the call: a few get an answer of their own.
        var shared = answers.Where(answer => answer.RetryAfter is not null).ToList();
        Assert.InRange(shared.Count, format == FunctionFormat.Http && executable ? Callers - Few : Callers, Callers);
        Assert.All(shared, answer => Assert.Equal((502, NotInitialized), (answer.Status, answer.Body)));
        Assert.All(shared, answer => Assert.InRange(answer.RetryAfter!.Value, 1, 30));
        Assert.All(answers.Except(shared), answer => Assert.True(answer is { Status: 502, Body: NotInitialized or NoAnswer }, answer.ToString()));
        if (executable)
            Assert.InRange((await File.ReadAllLinesAsync(Starts, TestContext.Current.CancellationToken)).Length, 1, Few);

        await platform.UpdateAsync(id, new JsonObject { ["image"] = FaultyFunction.Image });
        Assert.Equal(200, (await platform.CallAsync(id)).Status);
    }

    private async Task<string> WriteAsync(bool executable)
    {
        var file = Path.Combine(_root.FullName, "function");
        await File.WriteAllTextAsync(file, Exits, TestContext.Current.CancellationToken);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | (executable ? UnixFileMode.UserExecute : UnixFileMode.None));
        return file;
    }
}
