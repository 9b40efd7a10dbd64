using Fn.Api;
using Fn.Api.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Xunit;

namespace Fn.Tests.Api.Security;

public class TokenMiddlewareTests
{
    [Theory]
    [InlineData("/invoke/x", true, "")]
    [InlineData("/v2/apps", true, "Bearer secret")]
    [InlineData("/invoke/x", false, "Bearer secret")]
    public async Task InvokeAsync_TokenThatOpenedAFunctionsDoor_IsNotPassedOn(string path, bool guarded, string expected)
    {
        var passed = default(string);
        var gate = new TokenGate(Options.Create(new ApiOptions { Tokens = guarded ? ["secret"] : [] }));
        var middleware = new TokenMiddleware(Next, gate);
        var context = new DefaultHttpContext { Request = { Path = path, Headers = { Authorization = "Bearer secret" } } };

        await middleware.InvokeAsync(context);

        Assert.Equal(expected, passed);

        Task Next(HttpContext next)
        {
            passed = next.Request.Headers.Authorization.ToString();
            return Task.CompletedTask;
        }
    }
}
