using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Fn.Api.Security;

/// <summary>Says whether a token opens a door. Takes the same time whichever token it is, and whether or not it is one.</summary>
internal sealed class TokenGate
{
    private readonly byte[][] _manage;
    private readonly byte[][] _invoke;

    public TokenGate(IOptions<ApiOptions> options)
    {
        _manage = [.. options.Value.Tokens.Select(Digest)];
        _invoke = [.. options.Value.InvokeTokens.Select(Digest)];
    }

    /// <summary>Without tokens every door is open.</summary>
    public bool IsOpen => _manage.Length == 0;

    /// <param name="access">What is asked for.</param>
    /// <param name="token">The token sent; null when none was.</param>
    public bool Opens(Access access, string? token)
    {
        if (IsOpen || access == Access.Anyone)
            return true;
        if (token is null)
            return false;
        // Digests have one length, so comparing them tells nothing of a token's length, and no match ends the loops early.
        var digest = Digest(token);
        var manages = Contains(_manage, digest);
        var invokes = Contains(_invoke, digest);
        return access == Access.Invoke ? manages | invokes : manages;
    }

    private static bool Contains(byte[][] digests, byte[] digest)
    {
        var found = false;
        foreach (var one in digests)
            found |= CryptographicOperations.FixedTimeEquals(one, digest);
        return found;
    }

    private static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
