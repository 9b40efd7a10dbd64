using System.Text;
using Fn.Api.Dashboard.Invoke;
using Microsoft.AspNetCore.Components;

namespace Fn.Api.Dashboard.Components.Functions;

/// <summary>Calls a function with what is typed in, and shows what it answers.</summary>
public sealed partial class InvokeForm : IDisposable
{
    /// <summary>Most characters of a body: what one message of a page's connection has room for.</summary>
    private const int MostBody = 512 * 1024;

    private string _method = "POST";
    private string _contentType = "text/plain";
    private string _headers = "";
    private string _body = "";
    private string? _problem;
    private InvokeAnswer? _answer;
    private CancellationTokenSource? _calling;

    [Parameter, EditorRequired]
    public string FunctionId { get; set; } = "";

    [Inject]
    private Invoker Invoker { get; set; } = null!;

    public void Dispose()
    {
        _calling?.Cancel();
        _calling?.Dispose();
    }

    private async Task InvokeAsync()
    {
        (_answer, _problem) = (null, null);
        if (Read() is not { } request)
            return;
        using var calling = _calling = new CancellationTokenSource();
        try
        {
            _answer = await Invoker.InvokeAsync(FunctionId, request, calling.Token);
            if (_answer is null)
                _problem = "The function is not there any more.";
        }
        catch (OperationCanceledException)
        {
            _problem = "You left before it was answered. A call that runs already runs on for a moment.";
        }
        finally
        {
            _calling = null;
        }
    }

    private InvokeRequest? Read()
    {
        var method = _method.Trim().ToUpperInvariant();
        if (method.Length == 0 || !method.All(char.IsAsciiLetterUpper))
        {
            _problem = "The method is a word such as POST.";
            return null;
        }
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var line in _headers.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                _problem = $"“{line}” is no header: it has no colon after its name.";
                return null;
            }
            headers.Add(KeyValuePair.Create(line[..colon].Trim(), line[(colon + 1)..].Trim()));
        }
        if (_contentType.Trim() is { Length: > 0 } type && !headers.Exists(header => header.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)))
            headers.Add(KeyValuePair.Create("Content-Type", type));
        return new InvokeRequest(method, headers, Encoding.UTF8.GetBytes(_body));
    }
}
