using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Fn.Bench.Dashboard;

/// <summary>
/// Looks at a page of the dashboard without a browser: gets it, and then speaks the protocol by which the page is kept up to date, as the page itself does.
/// Everything is taken as drawn at once.
/// </summary>
internal sealed partial class PageViewer : IAsyncDisposable
{
    // What a page sends in answer to a script that gives an object.
    private const long AnObject = 1;

    private readonly HubSocket _hub = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _components;
    private readonly string _state;
    private Task _following = Task.CompletedTask;
    private long _updates;
    private long _bytes;

    /// <param name="html">The page as it came.</param>
    private PageViewer(string html)
    {
        var markers = Component().Matches(html).Select(static match => JsonNode.Parse(match.Groups[1].Value)!).OrderBy(static marker => (int)marker["sequence"]!);
        _components = new JsonObject
        {
            ["batchId"] = 1,
            ["operations"] = new JsonArray([.. markers.Select(static (marker, i) => new JsonObject { ["type"] = "add", ["ssrComponentId"] = i + 1, ["marker"] = marker })]),
        }.ToJsonString();
        _state = State().Match(html).Groups[1].Value;
    }

    /// <summary>How often the page was changed.</summary>
    public long Updates => Interlocked.Read(ref _updates);

    /// <summary>Bytes of the changes.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Why it sees nothing any more; null: it does.</summary>
    public Exception? Problem => _following.Exception?.InnerException;

    public static async Task<PageViewer> OpenAsync(HttpClient http, Uri page, CancellationToken cancel)
    {
        var viewer = new PageViewer(await http.GetStringAsync(page, cancel));
        try
        {
            await viewer.StartAsync(page, cancel);
            return viewer;
        }
        catch
        {
            await viewer.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _following.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _hub.Dispose();
        _closed.Dispose();
    }

    private async Task StartAsync(Uri page, CancellationToken cancel)
    {
        var root = new Uri(page, "/dashboard/");
        await _hub.ConnectAsync(new UriBuilder(new Uri(root, "_blazor")) { Scheme = Uri.UriSchemeWs }.Uri, cancel);
        _following = _hub.FollowAsync(Answer, _closed.Token);
        await _hub.SendAsync(HubWriter.Invocation("0", "StartCircuit", root.AbsoluteUri, page.AbsoluteUri, "[]", ""), cancel);
        await Task.WhenAny(_seen.Task, _following).WaitAsync(cancel);
        if (Problem is { } problem)
            throw new BenchException($"The dashboard did not let a page look: {problem.Message}");
    }

    private byte[]? Answer(HubReader message)
    {
        var parts = message.Array();
        var kind = (long)message.Value()!;
        if (kind == 7)
            throw new InvalidOperationException($"The gateway closes the connection: {message.Value()}");
        if (kind == 3)
        {
            (_, _, var outcome) = (message.Value(), message.Value(), (long)message.Value()!);
            // The circuit stands: what is on the page is to come alive.
            return outcome == 3 && message.Value() is string
                ? HubWriter.Invocation(null, "UpdateRootComponents", _components, _state)
                : throw new InvalidOperationException("The gateway did not start a circuit.");
        }
        if (kind != 1 || parts < 5)
            return null;
        (_, _, var target) = (message.Value(), message.Value(), (string)message.Value()!);
        var count = message.Array();
        switch (target)
        {
            case "JS.RenderBatch":
                var id = message.Value();
                Interlocked.Add(ref _bytes, (long)message.Value()!);
                Interlocked.Increment(ref _updates);
                return HubWriter.Invocation(null, "OnRenderCompleted", id, null);
            case "JS.BeginInvokeJS":
                var (handle, script, _, result) = ((long)message.Value()!, (string)message.Value()!, message.Value(), (long)message.Value()!);
                // The page is alive.
                if (script == "fn.begin")
                    _seen.TrySetResult();
                return handle == 0 ? null : HubWriter.Invocation(null, "EndInvokeJSFromDotNet", handle, true, AnswerOf(script, handle, result));
            case "JS.Error":
                throw new InvalidOperationException($"The page failed: {message.Value()}");
            default:
                return null;
        }
    }

    private static string AnswerOf(string script, long handle, long result)
    {
        var value = script == "fn.begin" ? "0" : result == AnObject ? $$"""{"__jsObjectId":1}""" : "null";
        return string.Create(CultureInfo.InvariantCulture, $"[{handle},true,{value}]");
    }

    [GeneratedRegex("<!--Blazor:({\"type\":\"server\".*?})-->")]
    private static partial Regex Component();

    [GeneratedRegex("<!--Blazor-Server-Component-State:([^-]*)-->")]
    private static partial Regex State();
}
