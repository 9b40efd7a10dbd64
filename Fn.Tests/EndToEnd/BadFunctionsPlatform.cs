using System.Text.Json.Nodes;
using Fn.ServiceDefaults.Contracts;
using Xunit;

namespace Fn.Tests.EndToEnd;

/// <summary>One platform for all the tests of a class, with the functions they misuse.</summary>
public abstract class BadFunctionsPlatform(int runners) : IAsyncLifetime
{
    /// <summary>Seconds after which functions are stopped where a test waits for that: long enough to start in on a busy machine.</summary>
    public const int Timeout = 3;

    public const int MaxResponseSize = 1 << 20;

    private int _counted;

    /// <summary>Format http, with time enough for everything.</summary>
    public string Patient { get; private set; } = "";

    /// <summary>Format http, stopped after <see cref="Timeout"/>.</summary>
    public string Hasty { get; private set; } = "";

    /// <summary>Format default, stopped after <see cref="Timeout"/>: does what the header says, as a shell does.</summary>
    public string Shell { get; private set; } = "";

    /// <summary>For the files of tests.</summary>
    public DirectoryInfo Directory { get; } = System.IO.Directory.CreateTempSubdirectory("fn-test-");

    internal Platform Platform { get; private set; } = null!;

    private string ShellLog => Path.Combine(Directory.FullName, "shell");

    public async ValueTask InitializeAsync()
    {
        Platform = await Platform.StartAsync(runners, $"--Fn:Calls:MaxResponseSize={MaxResponseSize}", "--Fn:Runner:ProcessRoots:1=/usr/bin");
        Patient = await Platform.CreateFaultyAsync("patient", timeout: 60);
        Hasty = await Platform.CreateFaultyAsync("hasty", timeout: Timeout);
        const string image = "process:/bin/sh -c \"echo $FN_CALL_ID $$ >> $LOG; eval $FN_HEADER_Faulty\"";
        Shell = await Platform.CreateAsync("shell", image, FunctionFormat.Default, timeout: Timeout, config: new JsonObject { ["LOG"] = ShellLog });
    }

    public async ValueTask DisposeAsync()
    {
        await Platform.DisposeAsync();
        Directory.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Calls a function of the format http, and sees to it that the function saw the call once.</summary>
    internal async Task<CallOutcome> CallAsync(string function, string behaviour, HttpContent? body = null)
    {
        var file = Path.Combine(Directory.FullName, $"{++_counted}");
        var outcome = await CallOutcome.OfAsync(Platform.Http, function, $"count-executions {file} {behaviour}", body);
        Assert.Equal([outcome.CallId], await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken));
        return outcome;
    }

    /// <summary>Runs a script, and sees to it that it was run once. Tells its process id.</summary>
    internal async Task<(CallOutcome Outcome, int ProcessId)> RunAsync(string script, HttpContent? body = null)
    {
        var outcome = await CallOutcome.OfAsync(Platform.Http, Shell, script, body);
        var lines = await File.ReadAllLinesAsync(ShellLog, TestContext.Current.CancellationToken);
        var own = lines.Where(line => line.StartsWith($"{outcome.CallId} ", StringComparison.Ordinal)).ToList();
        Assert.True(own.Count == 1, $"call {outcome.CallId} was run {own.Count} times; its answer: {outcome}");
        return (outcome, int.Parse(own[0].Split(' ')[1], null));
    }

    /// <summary>The process that serves a function's calls, started if there is none.</summary>
    internal async Task<int> ProcessOfAsync(string function)
    {
        var outcome = await CallOutcome.OfAsync(Platform.Http, function, "pid");
        Assert.True(outcome is { Status: 200, IsWhole: true }, outcome.ToString());
        return int.Parse(outcome.Body, null);
    }
}

/// <summary>A gateway that runs functions itself.</summary>
public sealed class BadFunctionsInGateway() : BadFunctionsPlatform(0);

/// <summary>A gateway and a runner.</summary>
public sealed class BadFunctionsOnRunner() : BadFunctionsPlatform(1);
