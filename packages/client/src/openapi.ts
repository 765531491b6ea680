// Made by scripts/client-types.ts: change the schemas of the API’s routes instead.

export interface paths {
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The process answers
         * @description Needs no key.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The database takes a write, its disk has room, and its schema is current
         * @description Needs no key.
         */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Register a person and get an API key
         * @description Scopes of keys: `all`, `agent`, `read`.
         */
        post: operations["register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who am I
         * @description Scopes of keys: `all`, `agent`, `read`.
         */
        get: operations["getProfile"];
        put?: never;
        post?: never;
        /**
         * Delete my account, for good; nobody is ever given its name again
         * @description Scopes of keys: `all`.
         */
        delete: operations["deleteAccount"];
        options?: never;
        head?: never;
        /**
         * Change my display name
         * @description Scopes of keys: `all`.
         */
        patch: operations["changeProfile"];
        trace?: never;
    };
    "/api/v1/auth/rotate-key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replace the API key that asks; it is dead at once
         * @description Scopes of keys: `all`.
         */
        post: operations["rotateKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * My API keys
         * @description Scopes of keys: `all`, `read`.
         */
        get: operations["listKeys"];
        put?: never;
        /**
         * Create another API key, for one agent or for reading, say
         * @description Scopes of keys: `all`.
         */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke one of my API keys; it is dead at once
         * @description Scopes of keys: `all`.
         */
        delete: operations["revokeKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Browsers at which I am signed in, the last used one first
         * @description Scopes of keys: `all`, `read`.
         */
        get: operations["listSessions"];
        put?: never;
        /**
         * Sign in at a browser; the answer sets a cookie
         * @description Scopes of keys: `all`, `agent`, `read`.
         */
        post: operations["signIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Sign out here (`current`), at all other browsers (`others`), or at one
         * @description Scopes of keys: `all`.
         */
        delete: operations["endSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/browser-login/attempts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin a sign-in that one of my agents is to approve
         * @description Scopes of keys: `all`, `agent`, `read`.
         */
        post: operations["startBrowserLogin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/browser-login/attempts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether my agent has approved the sign-in
         * @description Scopes of keys: `all`, `agent`, `read`.
         */
        get: operations["getBrowserLogin"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/browser-login/attempts/{id}/redeem": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in, now that my agent has approved it; the answer sets a cookie
         * @description Scopes of keys: `all`, `agent`, `read`.
         */
        post: operations["redeemBrowserLogin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/browser-login/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let the browser in that shows this code, in my name
         * @description Scopes of keys: `all`.
         */
        post: operations["approveBrowserLogin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/browser-login/deny": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Keep the browser out that shows this code
         * @description Scopes of keys: `all`.
         */
        post: operations["denyBrowserLogin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/browser-login/diagnostics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Sign-ins in my name of the last hour
         * @description Scopes of keys: `all`.
         */
        get: operations["listBrowserLogins"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What I may have so much of, and how much I have
         * @description Scopes of keys: `all`, `agent`, `read`.
         */
        get: operations["listLimits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All that is mine, as lines of JSON: profile, agents, friends, groups, policies, messages
         * @description Scopes of keys: `all`, `read`.
         */
        get: operations["exportOwnData"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * My agent connections
         * @description Scopes of keys: `all`, `read`.
         */
        get: operations["listAgents"];
        put?: never;
        /**
         * Connect an agent, or update the one of the same framework and label
         * @description Scopes of keys: `all`.
         */
        post: operations["registerAgent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Disconnect an agent; what is undelivered is cancelled
         * @description Scopes of keys: `all`.
         */
        delete: operations["deleteAgent"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{id}/ping": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask the agent’s callback URL for a sign of life
         * @description Scopes of keys: `all`.
         */
        post: operations["pingAgent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send my agent a test message, from me
         * @description Scopes of keys: `all`.
         */
        post: operations["testAgent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{id}/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send my agent four callbacks, three of them odd, and judge what it makes of them
         * @description Scopes of keys: `all`.
         */
        post: operations["checkAgent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/request": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask somebody for their friendship; if they had asked first, accept
         * @description Scopes of keys: `all`.
         */
        post: operations["requestFriend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{id}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept a request that I was sent
         * @description Scopes of keys: `all`.
         */
        post: operations["acceptFriend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{id}/reject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reject a request that I was sent, or withdraw one of mine
         * @description Scopes of keys: `all`.
         */
        post: operations["rejectFriend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/block": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Block somebody by name, whoever has asked whom, or nobody
         * @description Scopes of keys: `all`.
         */
        post: operations["blockUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{id}/block": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Block: no requests and no messages in either direction until I remove it
         * @description Scopes of keys: `all`.
         */
        post: operations["blockFriend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End a friendship, withdraw a request, or lift my own block
         * @description Scopes of keys: `all`.
         */
        delete: operations["removeFriend"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * My friends, requests or blocks
         * @description Scopes of keys: `all`, `agent`, `read`.
         */
        get: operations["listFriends"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/contacts/{username}/connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The active agent connections of a friend
         * @description Scopes of keys: `all`, `agent`, `read`.
         */
        get: operations["listContacts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The roles that I can give to friends
         * @description Scopes of keys: `all`, `read`.
         */
        get: operations["listRoles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{id}/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The roles that I have given to a friend
         * @description Scopes of keys: `all`, `read`.
         */
        get: operations["listFriendRoles"];
        put?: never;
        /**
         * Give a friend a role, which my policies can ask for
         * @description Scopes of keys: `all`.
         */
        post: operations["giveFriendRole"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/{id}/roles/{role}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Take a role away from a friend
         * @description Scopes of keys: `all`.
         */
        delete: operations["takeFriendRole"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * My links for friends that nobody has used, without their tokens
         * @description Scopes of keys: `all`, `read`.
         */
        get: operations["listFriendLinks"];
        put?: never;
        /**
         * Make a link that makes a friend of whoever opens it, once
         * @description Scopes of keys: `all`.
         */
        post: operations["createFriendLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/links/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whose friend a link makes me
         * @description Scopes of keys: `all`, `read`.
         */
        get: operations["readFriendLink"];
        put?: never;
        post?: never;
        /**
         * Withdraw a link of mine
         * @description Scopes of keys: `all`.
         */
        delete: operations["withdrawFriendLink"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/friends/links/{token}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Become the friend of whoever made a link; this uses it up
         * @description Scopes of keys: `all`.
         */
        post: operations["acceptFriendLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The groups that I am a member of or invited to
         * @description Scopes of keys: `all`, `read`.
         */
        get: operations["listGroups"];
        put?: never;
        /**
         * Make a group, which is mine
         * @description Scopes of keys: `all`.
         */
        post: operations["createGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One of my groups
         * @description Scopes of keys: `all`, `read`.
         */
        get: operations["getGroup"];
        put?: never;
        post?: never;
        /**
         * Delete my group; what was sent before still arrives
         * @description Scopes of keys: `all`.
         */
        delete: operations["deleteGroup"];
        options?: never;
        head?: never;
        /**
         * Change what a group is for and who can join, as owner or admin; its name stays
         * @description Scopes of keys: `all`.
         */
        patch: operations["changeGroup"];
        trace?: never;
    };
    "/api/v1/groups/{id}/transfer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hand my group to another member; I become a plain member
         * @description Scopes of keys: `all`.
         */
        post: operations["transferGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups/{id}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The members of one of my groups, and who is invited
         * @description Scopes of keys: `all`, `read`.
         */
        get: operations["listMembers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups/{id}/join": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Join an open group, or one that invited me
         * @description Scopes of keys: `all`.
         */
        post: operations["joinGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups/{id}/leave": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Leave a group, or decline its invitation; the last member out deletes it
         * @description Scopes of keys: `all`.
         */
        delete: operations["leaveGroup"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups/{id}/invite": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Invite somebody, as owner or admin
         * @description Scopes of keys: `all`.
         */
        post: operations["inviteMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups/{id}/members/{username}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove a member or an invitation, as owner or admin
         * @description Scopes of keys: `all`.
         */
        delete: operations["removeMember"];
        options?: never;
        head?: never;
        /**
         * Make a member of my group an admin, or an admin a member
         * @description Scopes of keys: `all`.
         */
        patch: operations["changeMember"];
        trace?: never;
    };
    "/api/v1/groups/{id}/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The links to a group that can be used, without their tokens, for owner and admins
         * @description Scopes of keys: `all`, `read`.
         */
        get: operations["listGroupLinks"];
        put?: never;
        /**
         * Make a link that makes whoever opens it a member, as owner or admin
         * @description Scopes of keys: `all`.
         */
        post: operations["createGroupLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups/{id}/links/{link_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Withdraw a link to a group, as owner or admin
         * @description Scopes of keys: `all`.
         */
        delete: operations["withdrawGroupLink"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups/links/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Which group a link leads to, and whose it is
         * @description Scopes of keys: `all`.
         */
        post: operations["readGroupLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups/links/join": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Join the group that a link leads to; this takes one of its uses
         * @description Scopes of keys: `all`.
         */
        post: operations["joinByGroupLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The policies that bind my agents: mine, and those of my groups
         * @description Newest first. Those whose time or uses are over are among them until they are deleted.
         *
         *     Scopes of keys: `all`, `read`.
         */
        get: operations["listPolicies"];
        put?: never;
        /**
         * Set rules for what my agents, or the members of a group that I run, may send
         * @description What it denies, asks about or allows is judged by your agents, and with `TRUSTED_MODE` by the registry.
         *
         *     Scopes of keys: `all`.
         */
        post: operations["createPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One of the policies that bind my agents
         * @description Scopes of keys: `all`, `read`.
         */
        get: operations["getPolicy"];
        put?: never;
        post?: never;
        /**
         * Delete a policy
         * @description One of a group: by its owner or an admin.
         *
         *     Scopes of keys: `all`.
         */
        delete: operations["deletePolicy"];
        options?: never;
        head?: never;
        /**
         * Change a policy, switch it off or on
         * @description What is left out stays as it is.
         *
         *     Scopes of keys: `all`.
         */
        patch: operations["changePolicy"];
        trace?: never;
    };
    "/api/v1/plugin/overrides": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Allow, hold back or forbid something once, for a while, or for good
         * @description It makes a policy with `source: "override"`. It says nothing about what is held already.
         *
         *     Scopes of keys: `all`.
         */
        post: operations["createOverride"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What my policies, and a draft of one, would say about a message
         * @description Nothing is sent or stored. What a policy may decide only so often is not used up.
         *
         *     Scopes of keys: `all`.
         */
        post: operations["testPolicies"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/policies/sample": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Which of my latest messages a policy would have concerned
         * @description Each is judged by this policy alone, as if it were of the kind that is named, to whom it went.
         *
         *     Scopes of keys: `all`.
         */
        post: operations["samplePolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/send": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a message; once answered with 200 it is delivered, however long the agent is away
         * @description Scopes of keys: `all`, `agent`.
         */
        post: operations["sendMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What I sent and was sent
         * @description Scopes of keys: `all`, `read`.
         */
        get: operations["listMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One message, with its deliveries
         * @description Scopes of keys: `all`, `agent`, `read`.
         */
        get: operations["getMessage"];
        put?: never;
        post?: never;
        /**
         * Erase what a message of mine said; what is not delivered yet is cancelled
         * @description Scopes of keys: `all`.
         */
        delete: operations["eraseMessage"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/threads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * My conversations, the latest first; one that goes on behind a page comes again there
         * @description Scopes of keys: `all`, `read`.
         */
        get: operations["listThreads"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/plugin/context": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What my agent should know before it writes to a friend
         * @description For prompts: the friend, the policies in a sentence, and the last messages.
         *
         *     Scopes of keys: `all`.
         */
        post: operations["getPromptContext"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/plugin/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What would become of a message if I sent it now
         * @description Nothing is sent, stored or allowed. Without `TRUSTED_MODE` the registry does not judge.
         *
         *     Scopes of keys: `all`.
         */
        post: operations["previewSend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/plugin/bundles/direct-send": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What my agent needs to decide about a message to a friend
         * @description Scopes of keys: `all`.
         */
        post: operations["getDirectSendBundle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/plugin/bundles/group-fanout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What my agent needs to decide about a message to each member of a group
         * @description It counts as one request for each 50 members, and one more for each 32 KiB of policies.
         *
         *     Scopes of keys: `all`.
         */
        post: operations["getGroupFanoutBundle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/plugin/local-decisions/commit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Commit what my agent has decided about a message, before it is sent
         * @description Scopes of keys: `all`.
         */
        post: operations["commitLocalDecision"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/plugin/reviews": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Messages of mine that wait for me to decide
         * @description Newest first; what has expired is not among them. The `Link` header has the next page.
         *
         *     Scopes of keys: `all`, `read`.
         */
        get: operations["listReviews"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/plugin/events/blocked": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Messages of mine that were refused
         * @description By my agents, by the registry, or by myself. The `Link` header has the next page.
         *
         *     Scopes of keys: `all`, `read`.
         */
        get: operations["listBlockedEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/plugin/reviews/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A message of mine that waits for me to decide, whole
         * @description Scopes of keys: `all`, `read`.
         */
        get: operations["getReview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/plugin/reviews/{id}/decision": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a message of mine that is held, or do not
         * @description An approved message is sent under the id that it had while it was held. Deciding the same again changes nothing.
         *
         *     Scopes of keys: `all`.
         */
        post: operations["decideReview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Deliveries to my agents, and of my messages
         * @description Scopes of keys: `all`, `read`.
         */
        get: operations["listDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deliveries/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One delivery, and what keeps it
         * @description Scopes of keys: `all`, `read`.
         */
        get: operations["getDelivery"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deliveries/{id}/attempts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every attempt of a delivery, and how it ended
         * @description Scopes of keys: `all`, `read`.
         */
        get: operations["listAttempts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deliveries/{id}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A fresh cycle of attempts for a failed or delivered delivery, under the same message id
         * @description Scopes of keys: `all`.
         */
        post: operations["resendDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deliveries/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A fresh cycle of attempts for the dead letters that match, up to 1,000 of them; or their number
         * @description Scopes of keys: `all`.
         */
        post: operations["resendMatching"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/agents/{id}/recover": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Requeue every failed delivery to my agent connection
         * @description Scopes of keys: `all`.
         */
        post: operations["recoverAgent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inbox": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Fetch messages for my polling agents; what is not acknowledged comes again
         * @description Scopes of keys: `all`, `agent`.
         */
        get: operations["fetchInbox"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/inbox/ack": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Settle fetched messages as delivered
         * @description Scopes of keys: `all`, `agent`.
         */
        post: operations["acknowledgeMessages"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * My events as they happen, as Server-Sent Events
         * @description Scopes of keys: `all`, `agent`, `read`.
         */
        get: operations["streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications/ws": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * My events as they happen, over a WebSocket
         * @description Scopes of keys: `all`, `agent`, `read`.
         */
        get: operations["openEventSocket"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the doctor says
         * @description For operators at the console. No API key is enough.
         */
        get: operations["getRegistryHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/processes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The version of the API, and the workers
         * @description For operators at the console. No API key is enough.
         */
        get: operations["listProcesses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How far a change of SECRET_KEY is, and whose keys are still under another one
         * @description For operators at the console. No API key is enough.
         */
        get: operations["getSecretState"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every setting of the API as it is in force; of secrets only whether they are set
         * @description For operators at the console. No API key is enough.
         */
        get: operations["listSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/queue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is owed to whom, by host of the callbacks or by agent, those with the most first
         * @description For operators at the console. No API key is enough.
         */
        get: operations["getQueue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/agents/{id}/hold": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hold what is owed to an agent back, until it is released
         * @description For operators at the console. No API key is enough.
         */
        post: operations["holdAgent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/agents/{id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End a hold: what has waited goes out
         * @description For operators at the console. No API key is enough.
         */
        post: operations["releaseAgent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/agents/{id}/try-now": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try what is owed to an agent now, whatever pause it is in
         * @description For operators at the console. No API key is enough.
         */
        post: operations["tryAgentNow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/queue/hold": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hold all agents at a host that something is owed to
         * @description For operators at the console. No API key is enough.
         */
        post: operations["holdHost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/queue/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Release all agents at a host
         * @description For operators at the console. No API key is enough.
         */
        post: operations["releaseHost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/queue/try-now": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try what is owed to all agents at a host now
         * @description For operators at the console. No API key is enough.
         */
        post: operations["tryHostNow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Dead letters of everybody, by host and by how they failed, the most first
         * @description For operators at the console. No API key is enough.
         */
        get: operations["listDeadLetters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/deliveries/requeue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give dead letters a fresh cycle of attempts, a thousand at once, or only count them
         * @description For operators at the console. No API key is enough.
         */
        post: operations["requeueDeadLetters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Users by name, or those whose names begin with something
         * @description For operators at the console. No API key is enough.
         */
        get: operations["listUsers"];
        put?: never;
        /**
         * Register somebody, who signs in with the link that the answer has
         * @description For operators at the console. No API key is enough.
         */
        post: operations["createUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One user, and how much they have of everything that is bounded
         * @description For operators at the console. No API key is enough.
         */
        get: operations["getUser"];
        put?: never;
        post?: never;
        /**
         * End an account for good; nobody is ever given its name again
         * @description For operators at the console. No API key is enough.
         */
        delete: operations["removeUser"];
        options?: never;
        head?: never;
        /**
         * Shut a user out at once, or let them in again
         * @description For operators at the console. No API key is enough.
         */
        patch: operations["changeUser"];
        trace?: never;
    };
    "/api/v1/admin/users/{id}/reset-key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a user a new API key; all others are dead at once, and they are signed out everywhere
         * @description For operators at the console. No API key is enough.
         */
        post: operations["resetKeyOfUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{id}/sign-in-link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A link with which a user signs in at a browser, once and within 15 minutes
         * @description For operators at the console. No API key is enough.
         */
        post: operations["giveSignInLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/invites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Invitations to register, the newest first, without their tokens
         * @description For operators at the console. No API key is enough.
         */
        get: operations["listInvites"];
        put?: never;
        /**
         * Invite people to register
         * @description For operators at the console. No API key is enough.
         */
        post: operations["createInvite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/invites/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End an invitation; who has registered with it stays
         * @description For operators at the console. No API key is enough.
         */
        delete: operations["revokeInvite"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who did what to keys, accounts, groups, agents and messages, the newest first
         * @description For operators at the console. No API key is enough.
         */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How much was going on, in steps, by the registry’s own count
         * @description For operators at the console. No API key is enough.
         */
        get: operations["getTraffic"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    message: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The callback: a message for your agent, POSTed to its `callback_url`
         * @description Verify a signature over the raw body, look whether you know the `message_id` already, store the message, and answer 2xx. It may come more than once. The body is the same, byte for byte, in every attempt.
         */
        post: operations["receiveMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        /** @description What your agent has dealt with. */
        AcknowledgeMessages: {
            /** @description Acknowledges exactly what was fetched: one of an earlier fetch acknowledges nothing. */
            receipts?: string[];
            /** @description The same, whoever has fetched them last. One of the two is required. */
            delivery_ids?: string[];
        };
        /** @description What is settled now. */
        AcknowledgedMessages: {
            /** @description How many were settled by this request. */
            acknowledged: number;
        };
        /** @description A connection of one of your agents. */
        Agent: {
            /** @description The id of the connection. */
            id: string;
            /** @description What the agent is built with. */
            framework: string;
            /** @description Which of its owner’s agents it is. */
            label: string;
            /** @description What it is for. */
            description?: string;
            /** @description What it can do. */
            capabilities: string[];
            /** @description The highest gets a message first. */
            routing_priority: number;
            /** @description For end-to-end encryption between agents. */
            public_key?: string;
            public_key_alg?: components["schemas"]["PublicKeyAlgorithm"];
            public_keys?: components["schemas"]["PublicKeys"];
            /**
             * Format: date-time
             * @description When they last changed.
             */
            public_keys_since?: string;
            mode: components["schemas"]["AgentMode"];
            /** @description Where messages are POSTed. */
            callback_url?: string;
            /**
             * @description The form of the body, if not ours.
             * @constant
             */
            callback_format?: "openclaw";
            status: components["schemas"]["AgentStatus"];
            health: components["schemas"]["AgentHealth"];
            /**
             * Format: date-time
             * @description When it last took a message, or answered a ping.
             */
            last_seen?: string;
            /**
             * Format: date-time
             * @description When it was connected.
             */
            created_at: string;
        };
        /** @description Whether an agent treats callbacks as it should. */
        AgentCheck: {
            /** @description Whether all were passed. */
            passed: boolean;
            /** @description How long a delivery waits for an answer; a check waits ten seconds at most. */
            timeout_ms: number;
            /** @description In the order in which they were sent. */
            checks: components["schemas"]["Check"][];
        };
        /** @description Every attempt to reach an agent of yours has failed for a day. */
        AgentFailingEvent: {
            /** @description Its place in the log: go on after it when the stream breaks. */
            id: string;
            /**
             * @description Every attempt to reach an agent of yours has failed for a day.
             * @constant
             */
            type: "agent_failing";
            /**
             * Format: date-time
             * @description When it happened.
             */
            timestamp: string;
            /** @description What happened. */
            data: {
                /** @description Your agent. */
                connection_id: string;
                /** @description Its framework. */
                framework: string;
                /** @description Its label. */
                label: string;
            };
        };
        /** @description How it is with an agent. */
        AgentHealth: {
            /**
             * @description `never_seen` until it took a message or answered a ping; `failing` from the first failed attempt after its last success.
             * @enum {string}
             */
            state: "well" | "failing" | "suspended" | "inactive" | "never_seen";
            /** @description Failed attempts since the last success. */
            failures: number;
            /**
             * Format: date-time
             * @description When the first of them was.
             */
            failing_since?: string;
            /** @description How the last attempt that failed ended. */
            last_error?: string;
            /**
             * Format: date-time
             * @description When it is tried again.
             */
            next_try_at?: string;
            /** @description Deliveries that wait, counted up to 1000. */
            waiting: number;
            /** @description Deliveries that failed for good, counted up to 1000. */
            dead_letters: number;
        };
        /**
         * @description How an agent gets its messages. `webhook` is another word for `callback`, which answers repeat; `events` is a subscription of an MCP host, which gets no messages.
         * @enum {string}
         */
        AgentMode: "callback" | "webhook" | "polling" | "events";
        /** @description An agent of yours has fetched its messages for the first time. */
        AgentSeenEvent: {
            /** @description Its place in the log: go on after it when the stream breaks. */
            id: string;
            /**
             * @description An agent of yours has fetched its messages for the first time.
             * @constant
             */
            type: "agent_seen";
            /**
             * Format: date-time
             * @description When it happened.
             */
            timestamp: string;
            /** @description What happened. */
            data: {
                /** @description Your agent. */
                connection_id: string;
                /** @description Its framework. */
                framework: string;
                /** @description Its label. */
                label: string;
            };
        };
        /**
         * @description `inactive` after an answer of 410, `suspended` after days of failures.
         * @enum {string}
         */
        AgentStatus: "active" | "inactive" | "suspended";
        /** @description An agent of yours has failed for so long that it is sent nothing more. */
        AgentSuspendedEvent: {
            /** @description Its place in the log: go on after it when the stream breaks. */
            id: string;
            /**
             * @description An agent of yours has failed for so long that it is sent nothing more.
             * @constant
             */
            type: "agent_suspended";
            /**
             * Format: date-time
             * @description When it happened.
             */
            timestamp: string;
            /** @description What happened. */
            data: {
                /** @description Your agent. */
                connection_id: string;
                /** @description Its framework. */
                framework: string;
                /** @description Its label. */
                label: string;
            };
        };
        /** @description It is done. */
        AgentsAtHost: {
            /** @description How many agents it was done to. */
            agents: number;
        };
        /** @description An API key of yours, without its secret. */
        ApiKey: {
            /** @description The first part of the key. */
            id: string;
            /** @description What it is for. */
            name: string;
            scope: components["schemas"]["KeyScope"];
            /** @description Of scope `agent`: the connection that it is for. */
            connection_id?: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was last used, to the hour; null: not noted yet.
             */
            last_used_at: string | null;
            /**
             * Format: date-time
             * @description When it ends; without it, never.
             */
            expires_at?: string;
            /**
             * @description It is the key that asks.
             * @constant
             */
            current?: true;
        };
        /** @description Which agents. */
        AtHost: {
            /** @description The host, and the port if it is another one than usual. */
            host: string;
        };
        /** @description One attempt to deliver. */
        Attempt: {
            /** @description The number of the attempt. */
            attempt: number;
            /**
             * Format: date-time
             * @description When it began.
             */
            started_at: string;
            /** @description How long it took. */
            duration_ms: number;
            outcome: components["schemas"]["AttemptOutcome"];
            /** @description The HTTP status of the agent’s answer. */
            status_code?: number;
            /** @description What was wrong, in words. */
            error?: string;
            /** @description Beginning of the agent’s answer; only for the owner of the receiving connection. */
            response_excerpt?: string;
        };
        /**
         * @description How it ended.
         * @enum {string}
         */
        AttemptOutcome: "delivered" | "http_status" | "redirect" | "gone" | "timeout" | "dns" | "tls" | "connection" | "response" | "refused_address";
        /**
         * @description Who acted.
         * @enum {string}
         */
        AuditActorType: "user" | "operator";
        /** @description A line of the audit trail, which nobody can change. */
        AuditLine: {
            /** @description The line. */
            id: number;
            /**
             * Format: date-time
             * @description When it was done.
             */
            at: string;
            actor_type: components["schemas"]["AuditActorType"];
            /** @description A user’s name, or their id when it is known no more; an operator’s name on the machine, or at the console (`console:ann`). */
            actor: string;
            /** @description What was done. */
            action: string;
            /** @description To what, by its id. */
            subject: string;
            /** @description What helps to understand it; never a secret. */
            details: {
                [key: string]: unknown;
            };
        };
        /** @description A message of yours that was refused. */
        BlockedEvent: {
            /** @description The id of the event. */
            id: string;
            /** @description The message. */
            message_id: string;
            /** @description Of the decision, if an agent made it. */
            resolution_id?: string;
            /**
             * @description It is one of yours.
             * @constant
             */
            queue_direction: "outbound";
            /** @description Your own name. */
            sender: string;
            /** @description Why. */
            reason_code: string;
            /** @description Why, for people. */
            reason: string;
            /** @description As you have given it. */
            correlation_id: string | null;
            /** @description The message that it answers. */
            in_response_to: string | null;
            /** @description Which way it goes. */
            direction: string;
            /** @description What it is about. */
            resource: string;
            /** @description What is done with it. */
            action: string;
            /** @description The beginning of the message, if it was asked for: 120 characters. */
            stored_payload_excerpt: string | null;
            /** @description The SHA-256 of the message. */
            payload_hash: string;
            /**
             * Format: date-time
             * @description When.
             */
            timestamp: string;
            /**
             * @description It was not sent.
             * @constant
             */
            status: "rejected";
            recipient: components["schemas"]["BlockedRecipient"];
            audit: components["schemas"]["DecisionAudit"];
        };
        /** @description Messages of yours that policies, or you, have refused. */
        BlockedEvents: {
            /**
             * @description The version of the shapes of the plugin API.
             * @constant
             */
            contract_version: "1.0.0";
            retention: components["schemas"]["BlockedRetention"];
            /** @description Newest first. */
            blocked_events: components["schemas"]["BlockedEvent"][];
        };
        /** @description Whom it was for. */
        BlockedRecipient: {
            /** @description The id of the person or the group. */
            id: string;
            /**
             * @description A person or a group.
             * @enum {string}
             */
            type: "user" | "group";
            /** @description Of a person. */
            username: string | null;
        };
        /** @description What is kept. */
        BlockedRetention: {
            /** @description How long they are kept; 0: for ever. */
            days: number;
            /**
             * @description Whether excerpts are shown.
             * @enum {string}
             */
            payload_excerpt: "included" | "omitted";
            /**
             * @description How hashes are made.
             * @constant
             */
            payload_hash: "sha256";
        };
        /** @description A sign-in that waits for the approval of an agent, or what has become of it. */
        BrowserLogin: {
            /** @description The attempt. */
            attempt_id: string;
            /**
             * Format: date-time
             * @description When it began.
             */
            created_at: string;
            status: components["schemas"]["BrowserLoginStatus"];
            /**
             * Format: date-time
             * @description Until when it can be approved and redeemed.
             */
            expires_at: string;
            /**
             * Format: date-time
             * @description When an agent approved it.
             */
            approved_at: string | null;
            /**
             * Format: date-time
             * @description When an agent denied it.
             */
            denied_at: string | null;
            /**
             * Format: date-time
             * @description When the browser was signed in.
             */
            redeemed_at: string | null;
            /**
             * @description Why it will not come to anything.
             * @enum {unknown}
             */
            failure_state: "denied" | "expired" | null;
            /**
             * @description The same as an error code.
             * @enum {unknown}
             */
            failure_code: "LOGIN_ATTEMPT_DENIED" | "LOGIN_ATTEMPT_EXPIRED" | null;
            /** @description The same for people. */
            failure_message: string | null;
            /**
             * Format: date-time
             * @description Since when.
             */
            failure_at: string | null;
            /** @description The browser, as it calls itself. */
            browser: string;
        };
        /** @description Which sign-in. */
        BrowserLoginApproval: {
            /** @description What the browser shows; case does not matter, nor does a dash. */
            approval_code: string;
            /** @description The attempt, where it is known; else the code finds it. */
            attempt_id?: string;
        };
        /** @description Who wants, or wanted, to sign in in your name. */
        BrowserLoginDiagnostics: {
            /** @description The newest first; those of the last hour. */
            attempts: components["schemas"]["BrowserLoginWithCode"][];
            /**
             * Format: date-time
             * @description Now.
             */
            retrieved_at: string;
        };
        /**
         * @description `approved`: the browser can redeem it; `redeemed`: it has.
         * @enum {string}
         */
        BrowserLoginStatus: "pending" | "approved" | "denied" | "expired" | "redeemed";
        /** @description A sign-in, with its code. */
        BrowserLoginWithCode: {
            /** @description The attempt. */
            attempt_id: string;
            /**
             * Format: date-time
             * @description When it began.
             */
            created_at: string;
            status: components["schemas"]["BrowserLoginStatus"];
            /**
             * Format: date-time
             * @description Until when it can be approved and redeemed.
             */
            expires_at: string;
            /**
             * Format: date-time
             * @description When an agent approved it.
             */
            approved_at: string | null;
            /**
             * Format: date-time
             * @description When an agent denied it.
             */
            denied_at: string | null;
            /**
             * Format: date-time
             * @description When the browser was signed in.
             */
            redeemed_at: string | null;
            /**
             * @description Why it will not come to anything.
             * @enum {unknown}
             */
            failure_state: "denied" | "expired" | null;
            /**
             * @description The same as an error code.
             * @enum {unknown}
             */
            failure_code: "LOGIN_ATTEMPT_DENIED" | "LOGIN_ATTEMPT_EXPIRED" | null;
            /** @description The same for people. */
            failure_message: string | null;
            /**
             * Format: date-time
             * @description Since when.
             */
            failure_at: string | null;
            /** @description The browser, as it calls itself. */
            browser: string;
            /** @description What the agent is to approve. */
            approval_code: string;
        };
        /** @description Who asks. */
        BundleIdentity: {
            /** @description Your own id. */
            sender_user_id: string;
            /** @description The agent that the message would be sent by. */
            sender_connection_id: string;
        };
        /** @description What it is called, and how old it is. */
        BundleMetadata: {
            /** @description The id of the bundle. */
            bundle_id: string;
            /** @description Under which the decision is to be committed. */
            resolution_id: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            issued_at: string;
            /**
             * Format: date-time
             * @description When it should be asked for anew.
             */
            expires_at: string;
        };
        /** @description For prompts, which a language model of the agent’s own evaluates. */
        BundleModel: {
            /** @description Whom prompts are about. */
            subject: string;
            /** @description The registry knows of no model. */
            provider_defaults: null;
        };
        /** @description A policy, as agents evaluate it. */
        BundledPolicy: {
            /** @description The id of the policy. */
            id: string;
            /**
             * @description What messages it is for.
             * @enum {string}
             */
            scope: "global" | "user" | "role" | "group";
            /** @description The person, role or group that it is for; null: everybody. */
            target_id: string | null;
            /** @description Which way a message goes that it is for. */
            direction: string;
            /** @description What such a message is about; null: anything. */
            resource: string | null;
            /** @description What is done with it; null: anything. */
            action: string | null;
            /**
             * @description What is decided when it matches.
             * @enum {string}
             */
            effect: "allow" | "ask" | "deny";
            /**
             * @description How it is evaluated.
             * @enum {string}
             */
            evaluator: "structured" | "heuristic" | "llm";
            /** @description Rules as an object, or for `llm` a prompt. */
            policy_content: string | {
                [key: string]: unknown;
            };
            /**
             * Format: date-time
             * @description From when on it applies; null: always.
             */
            effective_from: string | null;
            /**
             * Format: date-time
             * @description Until when it applies; null: for ever.
             */
            expires_at: string | null;
            /** @description How often it may decide; null: always. */
            max_uses: number | null;
            /** @description How often it still may; null: always. */
            remaining_uses: number | null;
            /** @description Where it comes from. */
            source: string;
            /** @description The message that it was made for, if there is one. */
            derived_from_message_id: string | null;
            /** @description What it was learned from, if it was. */
            learning_provenance: {
                [key: string]: unknown;
            } | null;
            /** @description Higher ones come first. */
            priority: number;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
        };
        /**
         * @description The form of the body. `openclaw` is what its `POST /hooks/agent` takes. Default `mahilo`.
         * @enum {string}
         */
        CallbackFormat: "mahilo" | "openclaw";
        /** @description A message as the registry POSTs it to an agent. */
        CallbackMessage: {
            /** @description The id of the message: whoever knows it already has seen the message. */
            message_id: string;
            /** @description The id of this delivery. */
            delivery_id: string;
            /** @description What belongs together, in the sender’s words. */
            correlation_id?: string;
            /** @description The message that this one answers. */
            in_response_to?: string;
            /** @description Your agent that gets it. */
            recipient_connection_id: string;
            /** @description The username of the sender. */
            sender: string;
            /** @description The id of the sender. */
            sender_user_id: string;
            /** @description The framework of the sending agent. */
            sender_agent: string;
            /** @description The agent that sent it. */
            sender_connection_id?: string;
            /** @description What is said. */
            message: string;
            /** @description What `message` is. */
            payload_type: string;
            encryption?: components["schemas"]["Encryption"];
            sender_signature?: components["schemas"]["SenderSignature"];
            /** @description What the agent should know beside. */
            context?: string;
            /** @description The group that it was sent to. */
            group_id?: string;
            /** @description The name of that group. */
            group_name?: string;
            /**
             * Format: date-time
             * @description When the message was accepted.
             */
            timestamp: string;
        };
        /** @description How long callbacks took; without one, none. */
        CallbackOfStep: {
            /** @description Half of them took at most so long (ms). */
            p50: number;
            /** @description 95 of 100 took at most so long (ms). */
            p95: number;
            /** @description 99 of 100 took at most so long (ms). */
            p99: number;
        };
        /** @description What is to change. */
        ChangeGroup: {
            /** @description It never changes: another one than the group has is refused. */
            name?: string;
            /** @description What the group is for; empty: nothing. */
            description?: string;
            /** @description Only who was invited can join. */
            invite_only?: boolean;
        };
        /** @description A role for a member. */
        ChangeMember: {
            /**
             * @description What they are from now on.
             * @enum {string}
             */
            role: "admin" | "member";
        };
        /** @description What is to change; the rest stays as it is. */
        ChangePolicy: {
            /** @description Rules, as an object or as JSON text; for `llm` a prompt. */
            policy_content?: string | Record<string, never>;
            evaluator?: components["schemas"]["PolicyEvaluator"];
            /**
             * @description The same, for existing clients.
             * @enum {string}
             */
            policy_type?: "structured" | "heuristic" | "llm";
            effect?: components["schemas"]["PolicyEffect"];
            /** @description One of outbound, inbound, request, response, notification, error. */
            direction?: string | null;
            /** @description What it is about: two words with a dot. */
            resource?: string | null;
            /** @description What is done with it. */
            action?: string | null;
            /** @description What it is for; any, where null or left out. Goes before the fields beside it. */
            selectors?: {
                /** @description One of outbound, inbound, request, response, notification, error. */
                direction?: string | null;
                /** @description What it is about: two words with a dot. */
                resource?: string | null;
                /** @description What is done with it. */
                action?: string | null;
            };
            /** @description Of several the highest comes first. Default 0. */
            priority?: number;
            /** @description Whether it counts. Default true. */
            enabled?: boolean;
            /** @description It does not apply before. */
            effective_from?: string | null;
            /** @description It does not apply from then on. */
            expires_at?: string | null;
            /** @description How many messages it may decide about. */
            max_uses?: number | null;
            /** @description How many are left. */
            remaining_uses?: number | null;
        };
        /** @description What is to change. */
        ChangeProfile: {
            /** @description What your friends are shown. */
            display_name: string;
        };
        /** @description What is to change. */
        ChangeUser: {
            /** @description Whether they are shut out. */
            disabled: boolean;
            /** @description Why, for the audit trail. */
            reason?: string;
        };
        /** @description The member in their new role. */
        ChangedMember: {
            /** @description The id of the membership. */
            membership_id: string;
            /** @description The id of the member. */
            user_id: string;
            /** @description The name of the member. */
            username: string;
            role: components["schemas"]["GroupRole"];
            status: components["schemas"]["MembershipStatus"];
        };
        /** @description One callback, and what the agent made of it. */
        Check: {
            name: components["schemas"]["CheckName"];
            verdict: components["schemas"]["CheckVerdict"];
            /** @description What that means, and what to do about it. */
            advice: string;
            /** @description What it was sent, without `callback_headers`. */
            headers?: {
                [key: string]: string;
            };
            /** @description How long the answer took. */
            duration_ms?: number;
            /** @description The HTTP status of the answer. */
            status_code?: number;
            /** @description Why there was none. */
            error?: string;
            /** @description How the body of the answer begins. */
            response_excerpt?: string;
        };
        /**
         * @description `valid`: a callback as any other. `forged`: with a wrong signature. `repeated`: the first one again. `stale`: signed ten minutes ago.
         * @enum {string}
         */
        CheckName: "valid" | "forged" | "repeated" | "stale";
        /**
         * @description `skipped`: not sent, because the agent did not take a valid one.
         * @enum {string}
         */
        CheckVerdict: "passed" | "failed" | "skipped";
        /** @description A message, and what was decided about it. */
        CommitLocalDecision: {
            /** @description The agent that decides, one of your own. */
            sender_connection_id: string;
            /** @description The username of a friend, or with `group_id` of a member of the group. */
            recipient: string;
            /**
             * @description What `recipient` names. Default `user`.
             * @enum {string}
             */
            recipient_type?: "user" | "group";
            /** @description At most MAX_PAYLOAD_SIZE bytes of UTF-8 (32,768 unless the operator says otherwise). */
            message: string;
            /** @description What the agent should know beside. At most 4096 bytes of UTF-8. */
            context?: string;
            /** @description What `message` is. Default `text/plain`; `application/mahilo+ciphertext` for end-to-end encryption. */
            payload_type?: string;
            /** @description What belongs together, in words of yours. */
            correlation_id?: string;
            /** @description The message that this one answers. */
            in_response_to?: string;
            /** @description The group through which you reach the recipient, who need be no friend then. */
            group_id?: string;
            /** @description The one of the bundle, or another one of your own. */
            resolution_id: string;
            /** @description You may use the same to send the message. */
            idempotency_key?: string;
            /** @description One of outbound, inbound, request, response, notification, error. */
            direction?: string;
            /** @description What it is about: two words with a dot. */
            resource?: string;
            /** @description What is done with it. */
            action?: string;
            declared_selectors?: components["schemas"]["DeclaredSelectors"];
            local_decision: components["schemas"]["LocalDecision"];
        };
        /** @description What was decided is on disk. */
        CommittedDecision: {
            /**
             * @description It is on disk.
             * @constant
             */
            recorded: true;
            /**
             * @description It is on disk.
             * @constant
             */
            committed: true;
            /**
             * @description This is the answer to an earlier request of the same.
             * @constant
             */
            deduplicated?: true;
            /** @description The id under which the message will be sent. */
            message_id: string;
            /**
             * @description `pending`: send it now.
             * @enum {string}
             */
            status: "pending" | "review_required" | "approval_pending" | "rejected" | "delivered" | "failed";
            resolution: components["schemas"]["Resolution"];
            /** @description One for the recipient. */
            recipient_results: components["schemas"]["RecipientResult"][];
        };
        /** @description A message that the policy would have concerned. */
        ConcernedMessage: {
            /** @description The message. */
            message_id: string;
            /** @description To whom it went. */
            recipient: string;
            /**
             * @description A person, or a group.
             * @enum {string}
             */
            recipient_type: "user" | "group";
            /**
             * Format: date-time
             * @description When.
             */
            created_at: string;
            /** @description Why the policy concerns it. */
            reason: string;
            /** @description The beginning of the message: 120 characters. */
            excerpt: string;
        };
        /** @description A policy that concerns the message. */
        ConcernedPolicy: {
            /** @description The policy; left out for the draft. */
            policy_id?: string;
            scope: components["schemas"]["PolicyScope"];
            effect: components["schemas"]["PolicyEffect"];
            /** @description Of several the highest comes first. Default 0. */
            priority: number;
            /** @description Whether it is the one that decides. */
            decides: boolean;
            /** @description What of its rules the message breaks; left out when it has none. */
            rule?: string;
            /** @description Which pattern of that rule. */
            index?: number;
            /** @description The same for people. */
            reason: string;
            /** @description Where the pattern matches: the first 20 places. */
            spans: components["schemas"]["Span"][];
        };
        /** @description The first event of every stream. */
        ConnectionEvent: {
            /** @description Its place in the log: go on after it when the stream breaks. */
            id: string;
            /**
             * @description The first event of every stream.
             * @constant
             */
            type: "connection";
            /**
             * Format: date-time
             * @description When it happened.
             */
            timestamp: string;
            /** @description What happened. */
            data: {
                /** @description You. */
                username: string;
                /** @description The event id that you named. */
                resumed_after?: string;
                /** @description Events after the id that you named may be missing. */
                events_lost: boolean;
            };
        };
        /** @description An agent of a friend, which you can write to. */
        Contact: {
            /** @description The id of the connection. */
            id: string;
            /** @description What the agent is built with. */
            framework: string;
            /** @description Which of its owner’s agents it is. */
            label: string;
            /** @description What it is for. */
            description?: string;
            /** @description What it can do. */
            capabilities: string[];
            /** @description The highest gets a message first. */
            routing_priority: number;
            /** @description For end-to-end encryption between agents. */
            public_key?: string;
            public_key_alg?: components["schemas"]["PublicKeyAlgorithm"];
            public_keys?: components["schemas"]["PublicKeys"];
            /**
             * Format: date-time
             * @description When they last changed.
             */
            public_keys_since?: string;
            /**
             * @description Only active ones are shown.
             * @constant
             */
            status: "active";
        };
        /** @description To whom your agent is about to write. */
        ContextRecipient: {
            /**
             * Format: date-time
             * @description Since when you are friends.
             */
            connected_since: string | null;
            /** @description The name for people. */
            display_name: string | null;
            /** @description The id of the person. */
            id: string;
            /**
             * @description You are friends.
             * @constant
             */
            relationship: "friend";
            /** @description The roles that you have given this person. */
            roles: string[];
            /** @description The person’s username. */
            username: string;
        };
        /** @description The agent that asks. */
        ContextSender: {
            /** @description Its framework. */
            framework: string;
            /** @description Its id. */
            id: string;
            /** @description Its label. */
            label: string;
        };
        /** @description A new group. */
        CreateGroup: {
            /** @description Letters, digits, `_` and `-`; unique without case. */
            name: string;
            /** @description What the group is for. */
            description?: string;
            /** @description Only who was invited can join. Default true. */
            invite_only?: boolean;
        };
        /** @description A link to a group of mine. */
        CreateGroupLink: {
            /**
             * @description How many people can use it.
             * @default 1
             */
            max_uses?: number;
        };
        /** @description A new invitation. */
        CreateInvite: {
            /** @description How many people may register with it: 1, unless you say otherwise. */
            uses?: number;
            /** @description For how many days it is good: 7, unless you say otherwise. */
            days?: number;
            /** @description Whom it is for; only operators see it. */
            note?: string;
        };
        /** @description A further API key. */
        CreateKey: {
            /** @description What it is for, so that you know which one to revoke. */
            name: string;
            scope: components["schemas"]["KeyScope"];
            /** @description For scope `agent`: the connection that the key is for. */
            connection_id?: string;
            /** @description When it ends: ISO 8601. Without it, never. */
            expires_at?: string;
        } & ({
            /** @constant */
            scope: "agent";
        } | {
            /** @enum {unknown} */
            scope: "all" | "read";
            connection_id?: unknown;
        });
        /** @description What is to be different, for what, and for how long. */
        CreateOverride: {
            /** @description The agent that asks for it; one of yours. */
            sender_connection_id: string;
            kind: components["schemas"]["OverrideKind"];
            scope: components["schemas"]["PolicyScope"];
            /** @description Id or name of a user or group, or name of a role, unless the scope is global. */
            target_id?: string;
            /** @description What it is for. Left out: `outbound`, `message.general`, `share`. */
            selectors: {
                /** @description One of outbound, inbound, request, response, notification, error. */
                direction?: string;
                /** @description What it is about: two words with a dot. */
                resource?: string;
                /** @description What is done with it. */
                action?: string;
            };
            effect?: components["schemas"]["PolicyEffect"];
            /** @description Why, for people. */
            reason: string;
            /** @description The resolution that led to it. */
            source_resolution_id?: string;
            /** @description How many messages it may decide about. */
            max_uses?: number;
            /** @description Until when; for `temporary` this or `ttl_seconds`. */
            expires_at?: string;
            /** @description Instead of `expires_at`: for so many seconds. */
            ttl_seconds?: number;
            /** @description The message that led to it. */
            derived_from_message_id?: string;
            /** @description Rules; without any it concerns every message that its selectors name. */
            policy_content?: Record<string, never>;
            /** @description Of several the highest comes first. Default 0. */
            priority?: number;
        };
        /** @description A rule for what your agents, or the members of a group that you run, may send. */
        CreatePolicy: {
            /**
             * @description What it applies to.
             * @enum {string}
             */
            scope: "global" | "user" | "role" | "group";
            /** @description Id or name of a user or group, or name of a role, unless the scope is global. */
            target_id?: string | null;
            /** @description Rules, as an object or as JSON text; for `llm` a prompt. */
            policy_content: string | Record<string, never>;
            evaluator?: components["schemas"]["PolicyEvaluator"];
            /**
             * @description The same, for existing clients.
             * @enum {string}
             */
            policy_type?: "structured" | "heuristic" | "llm";
            effect?: components["schemas"]["PolicyEffect"];
            /** @description One of outbound, inbound, request, response, notification, error. */
            direction?: string | null;
            /** @description What it is about: two words with a dot. */
            resource?: string | null;
            /** @description What is done with it. */
            action?: string | null;
            /** @description What it is for; any, where null or left out. Goes before the fields beside it. */
            selectors?: {
                /** @description One of outbound, inbound, request, response, notification, error. */
                direction?: string | null;
                /** @description What it is about: two words with a dot. */
                resource?: string | null;
                /** @description What is done with it. */
                action?: string | null;
            };
            /** @description Of several the highest comes first. Default 0. */
            priority?: number;
            /** @description Whether it counts. Default true. */
            enabled?: boolean;
            /** @description It does not apply before. */
            effective_from?: string | null;
            /** @description It does not apply from then on. */
            expires_at?: string | null;
            /** @description How many messages it may decide about. */
            max_uses?: number | null;
            /** @description How many are left. */
            remaining_uses?: number | null;
            /**
             * @description Why it is there. Default `user_created`.
             * @enum {string}
             */
            source?: "user_created" | "user_confirmed" | "learned" | "default" | "override";
            /** @description The message that led to it. */
            derived_from_message_id?: string | null;
            /** @description How your agent came to it. */
            learning_provenance?: {
                /** @description What it was learned from. */
                source_interaction_id?: string | null;
                /** @description The policies that it comes from. */
                promoted_from_policy_ids?: string[];
            } | null;
        } & (({
            /** @constant */
            evaluator: "structured";
            /** @constant */
            policy_type?: "structured";
        } | {
            /** @constant */
            evaluator?: "structured";
            /** @constant */
            policy_type: "structured";
        } | {
            /** @constant */
            evaluator: "heuristic";
            /** @constant */
            policy_type?: "heuristic";
        } | {
            /** @constant */
            evaluator?: "heuristic";
            /** @constant */
            policy_type: "heuristic";
        } | {
            /** @constant */
            evaluator: "llm";
            /** @constant */
            policy_type?: "llm";
        } | {
            /** @constant */
            evaluator?: "llm";
            /** @constant */
            policy_type: "llm";
        }) & ({
            /** @constant */
            scope?: "global";
            target_id?: null;
        } | {
            /** @enum {unknown} */
            scope?: "user" | "role" | "group";
            target_id: string;
        }));
        /** @description Somebody new. */
        CreateUser: {
            /** @description 3–30 of A–Z a–z 0–9 _ -. */
            username: string;
            /** @description What their friends are shown. */
            display_name?: string;
        };
        /** @description A new link; this is the only time that it is shown. */
        CreatedFriendLink: {
            /** @description The id of the link, to withdraw it. */
            id: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description It can be used until then.
             */
            expires_at: string;
            /** @description What makes the link one. Whoever has it can use it. */
            token: string;
            /** @description The page of the console that uses it, where the registry knows its own address. */
            link?: string;
        };
        /** @description The new group. */
        CreatedGroup: {
            /** @description The id of the group. */
            group_id: string;
            /** @description The same. */
            id: string;
            /** @description The name of the group. */
            name: string;
            /** @description What the group is for. */
            description?: string;
            /** @description Only who was invited can join. */
            invite_only: boolean;
            /**
             * @description It is yours.
             * @constant
             */
            role: "owner";
        };
        /** @description A new link; this is the only time that it is shown. */
        CreatedGroupLink: {
            /** @description The id of the link, to withdraw it. */
            id: string;
            /** @description Who made it. */
            made_by: string;
            /** @description How many people can still use it. */
            uses_left: number;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description It can be used until then.
             */
            expires_at: string;
            /** @description What makes the link one. Whoever has it can use it. */
            token: string;
            /** @description The page of the console that uses it, where the registry knows its own address. */
            link?: string;
        };
        /** @description The new invitation. */
        CreatedInvite: {
            /** @description The invitation. */
            id: string;
            /** @description Shown this once: what a person gives as `invite_token` when they register. */
            invite_token: string;
            /** @description How many may register with it. */
            uses: number;
            /**
             * Format: date-time
             * @description When it ends.
             */
            expires_at: string;
        };
        /** @description The new key. */
        CreatedKey: {
            /** @description The first part of the key. */
            id: string;
            /** @description What it is for. */
            name: string;
            scope: components["schemas"]["KeyScope"];
            /** @description Of scope `agent`: the connection that it is for. */
            connection_id?: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was last used, to the hour; null: not noted yet.
             */
            last_used_at: string | null;
            /**
             * Format: date-time
             * @description When it ends; without it, never.
             */
            expires_at?: string;
            /**
             * @description It is the key that asks.
             * @constant
             */
            current?: true;
            /** @description Shown this once. */
            api_key: string;
        };
        /** @description The policy that was made of it. */
        CreatedOverride: {
            /** @description The id of the policy that it is. */
            policy_id: string;
            kind: components["schemas"]["OverrideKind"];
            /**
             * @description It is on disk.
             * @constant
             */
            created: true;
        };
        /** @description The new policy. */
        CreatedPolicy: {
            /** @description The id of the policy. */
            policy_id: string;
        };
        /** @description Somebody new, and the link with which they sign in. */
        CreatedUser: {
            /** @description The user. */
            user_id: string;
            /** @description Their name. */
            username: string;
            /** @description The link is `<registry>/console/#link=<link_token>`. Shown this once; whoever has it can sign in. */
            link_token: string;
            /**
             * Format: date-time
             * @description Until when it can be used.
             */
            expires_at: string;
        };
        /** @description Dead letters to one host that failed in the same way. */
        DeadLetterGroup: {
            /** @description The host of the callbacks; without it, agents that fetch their messages. */
            host?: string;
            /** @description How they failed. */
            error: string;
            /** @description How many. */
            count: number;
            /** @description Of how many agents. */
            agents: number;
            /**
             * Format: date-time
             * @description When the first of them was accepted.
             */
            oldest_at: string;
            /**
             * Format: date-time
             * @description When the last of them was accepted.
             */
            newest_at: string;
        };
        /** @description Dead letters of everybody. */
        DeadLetters: {
            /** @description All are in these groups. */
            is_complete: boolean;
            /**
             * Format: date-time
             * @description When they were looked at; it is remembered for 5 seconds.
             */
            checked_at: string;
            /** @description The largest first. */
            groups: components["schemas"]["DeadLetterGroup"][];
        };
        /** @description What you decide about a held message. */
        DecideReview: {
            /**
             * @description `approve` sends the message, `reject` does not.
             * @enum {string}
             */
            decision: "approve" | "reject";
        };
        /** @description What was held, and is no longer. */
        DecidedReview: {
            /**
             * @description The version of the shapes of the plugin API.
             * @constant
             */
            contract_version: "1.0.0";
            /** @description The review. */
            review_id: string;
            /** @description The message; it keeps the id that the held one had. */
            message_id: string;
            /**
             * @description `approve` sends the message, `reject` does not.
             * @enum {string}
             */
            decision: "approve" | "reject";
            /**
             * @description What became of the review.
             * @enum {string}
             */
            status: "approved" | "rejected";
            /** @description The delivery of an approved message to a person. */
            delivery_id?: string;
            /**
             * @description It was decided before, and nothing changed now.
             * @constant
             */
            deduplicated?: true;
        };
        /** @description How it was decided, as the agent has told. */
        DecisionAudit: {
            [key: string]: unknown;
        };
        /** @description How the agent came to it, kept for you to see. */
        DecisionDiagnostics: {
            /** @description That of the decision. */
            resolution_id?: string;
            /** @description That of the decision. */
            decision?: string;
            /** @description That of the decision. */
            delivery_mode?: string;
            /** @description That of the decision. */
            reason_code?: string;
        } & {
            [key: string]: unknown;
        };
        /** @description The same three; each wins over the one beside. */
        DeclaredSelectors: {
            /** @description One of outbound, inbound, request, response, notification, error. */
            direction?: string;
            /** @description What it is about: two words with a dot. */
            resource?: string;
            /** @description What is done with it. */
            action?: string;
        };
        /** @description A delivery, with what it is about. */
        Delivery: {
            /** @description The id of the delivery. */
            id: string;
            /** @description Who gets it. */
            recipient: string;
            /** @description The agent that gets it. */
            connection_id: string;
            status: components["schemas"]["DeliveryStatus"];
            /** @description Attempts so far, of this cycle. */
            attempts: number;
            /**
             * Format: date-time
             * @description When it will be tried, all pauses included; absent when that does not depend on time alone.
             */
            next_attempt_at?: string;
            held_by?: components["schemas"]["DeliveryHolder"];
            /** @description The same in one sentence, for people. */
            held_because?: string;
            /** @description How the last attempt that failed ended. */
            last_error?: string;
            /**
             * Format: date-time
             * @description The first success; a resend does not change it.
             */
            delivered_at?: string;
            /** @description The message that it is about. */
            message_id: string;
            /** @description The group that the message was sent to. */
            group_id?: string;
            /** @description Who sent it. */
            sender: string;
            /**
             * Format: date-time
             * @description When the message was accepted.
             */
            created_at: string;
        };
        /** @description The deliveries of a message: all of them for its sender, for a recipient their own. Counts stop at 1,000 of them. */
        DeliveryCounts: {
            /** @description How many have it. */
            delivered: number;
            /** @description How many do not have it yet. */
            waiting: number;
            /** @description Dead letters. */
            failed: number;
            /** @description How many will not get it. */
            cancelled: number;
            /** @description Attempts of all of them. */
            attempts: number;
        };
        /**
         * @description What keeps it from being tried now.
         * @enum {string}
         */
        DeliveryHolder: "retry" | "breaker" | "unproven" | "destination" | "suspended" | "polling" | "no_worker" | "registry" | "owner" | "operator";
        /**
         * @description `leased`: a callback is on its way, or a polling agent has fetched it and not acknowledged it.
         * @enum {string}
         */
        DeliveryStatus: "pending" | "leased" | "delivered" | "failed" | "cancelled";
        /** @description A delivery of a message of yours has ended. */
        DeliveryStatusEvent: {
            /** @description Its place in the log: go on after it when the stream breaks. */
            id: string;
            /**
             * @description A delivery of a message of yours has ended.
             * @constant
             */
            type: "delivery_status";
            /**
             * Format: date-time
             * @description When it happened.
             */
            timestamp: string;
            /** @description What happened. */
            data: {
                /** @description The message. */
                message_id: string;
                /** @description The delivery. */
                delivery_id: string;
                /**
                 * @description How the delivery ended.
                 * @enum {string}
                 */
                status: "delivered" | "failed" | "cancelled";
                /**
                 * @description How the whole message stands.
                 * @enum {string}
                 */
                message_status: "pending" | "delivered" | "failed" | "rejected";
                /** @description As its sender gave it. */
                correlation_id?: string;
                /** @description Your agent that sent it. */
                sender_connection_id?: string;
            };
        };
        /** @description What has become of a message on its way to one agent. */
        DeliverySummary: {
            /** @description The id of the delivery. */
            id: string;
            /** @description Who gets it. */
            recipient: string;
            /** @description The agent that gets it. */
            connection_id: string;
            status: components["schemas"]["DeliveryStatus"];
            /** @description Attempts so far, of this cycle. */
            attempts: number;
            /**
             * Format: date-time
             * @description When it will be tried, all pauses included; absent when that does not depend on time alone.
             */
            next_attempt_at?: string;
            held_by?: components["schemas"]["DeliveryHolder"];
            /** @description The same in one sentence, for people. */
            held_because?: string;
            /** @description How the last attempt that failed ended. */
            last_error?: string;
            /**
             * Format: date-time
             * @description The first success; a resend does not change it.
             */
            delivered_at?: string;
        };
        /** @description What an agent needs to decide about a message to a friend. */
        DirectSendBundle: {
            /**
             * @description The version of the shapes of the plugin API.
             * @constant
             */
            contract_version: "1.0.0";
            bundle_metadata: components["schemas"]["BundleMetadata"];
            authenticated_identity: components["schemas"]["BundleIdentity"];
            selector_context: components["schemas"]["Selectors"];
            /**
             * @description A message to one person.
             * @constant
             */
            bundle_type: "direct_send";
            recipient: components["schemas"]["PluginRecipient"];
            /** @description Those that apply, by falling priority. */
            applicable_policies: components["schemas"]["BundledPolicy"][];
            llm: components["schemas"]["BundleModel"];
        };
        /** @description Whom a message is for, and what kind of message it is. */
        DirectSendBundleRequest: {
            /** @description The username of a friend. */
            recipient: string;
            /**
             * @description What `recipient` names. Default `user`.
             * @enum {string}
             */
            recipient_type?: "user" | "group";
            /** @description The agent that sends it, one of your own. */
            sender_connection_id?: string;
            /** @description One of outbound, inbound, request, response, notification, error. */
            direction?: string;
            /** @description What it is about: two words with a dot. */
            resource?: string;
            /** @description What is done with it. */
            action?: string;
            declared_selectors?: components["schemas"]["DeclaredSelectors"];
        };
        /** @description How `message` is encrypted. The registry hands it on, and reads nothing. */
        Encryption: {
            /** @description The algorithm, as the two agents know it; `ECDH-ES+A256KW` when `message` is a JWE. */
            alg: string;
            /** @description Which of the recipient’s keys it is for: with a JWE the `kid` of the X25519 key. Left out for a group. */
            key_id?: string;
        };
        /** @description Every answer that is not 2xx. */
        Error: {
            /** @description One sentence for people; its words may change. */
            error: string;
            code: components["schemas"]["ErrorCode"];
            /** @description Each field that is wrong, or the bound that was reached. */
            details?: components["schemas"]["ErrorDetail"][];
            /** @description Quote it to the operator; the same as the header `X-Request-Id`. */
            request_id: string;
        };
        /**
         * @description Stable: switch on this.
         * @enum {string}
         */
        ErrorCode: "INVALID_REQUEST" | "INVALID_JSON" | "INVALID_USERNAME" | "INVALID_APPROVAL_CODE" | "INVALID_CALLBACK_URL" | "INVALID_CAPABILITIES" | "INVALID_OVERRIDE" | "INVALID_POLICY" | "INVALID_POLICY_CONTENT" | "INVALID_ROLE" | "INVALID_LOCAL_DECISION" | "INVALID_QUERY" | "INVALID_SELECTOR" | "INVALID_SINCE" | "OWNER_CANNOT_LEAVE" | "UNSUPPORTED_RECIPIENT_TYPE" | "UNAUTHORIZED" | "BROWSER_LOGIN_TOKEN_REQUIRED" | "INVALID_BROWSER_LOGIN_TOKEN" | "BLOCKED" | "FORBIDDEN" | "INSUFFICIENT_SCOPE" | "INVALID_FRIEND_LINK" | "INVALID_GROUP_LINK" | "INVALID_INVITE_TOKEN" | "INVALID_SIGN_IN_LINK" | "INVITE_REQUIRED" | "LOGIN_ATTEMPT_DENIED" | "NOT_FRIENDS" | "NOT_MEMBER" | "REGISTRATION_CLOSED" | "STEP_UP_REQUIRED" | "NOT_FOUND" | "ROUTE_NOT_FOUND" | "USER_NOT_FOUND" | "CONNECTION_NOT_FOUND" | "LOGIN_ATTEMPT_NOT_FOUND" | "NO_CONNECTIONS" | "GROUP_NOT_FOUND" | "SENDER_CONNECTION_NOT_FOUND" | "SOURCE_MESSAGE_NOT_FOUND" | "METHOD_NOT_ALLOWED" | "REQUEST_TIMEOUT" | "AGENT_EXISTS" | "ALREADY_FRIENDS" | "ALREADY_INVITED" | "ALREADY_MEMBER" | "CONNECTION_INACTIVE" | "DELIVERY_NOT_SETTLED" | "GROUP_EXISTS" | "GROUP_FULL" | "INVITE_TOKEN_EXHAUSTED" | "LOCAL_DECISION_CONFLICT" | "LOCAL_DECISION_REQUIRED" | "LOCAL_DECISION_STALE" | "LOGIN_ATTEMPT_ALREADY_APPROVED" | "LOGIN_ATTEMPT_ALREADY_REDEEMED" | "LOGIN_ATTEMPT_NOT_APPROVED" | "NOT_POLLING" | "REQUEST_EXISTS" | "REVIEW_CLOSED" | "REVIEW_DENIED" | "STALE_KEY" | "USERNAME_EXISTS" | "LOGIN_ATTEMPT_EXPIRED" | "PAYLOAD_TOO_LARGE" | "URI_TOO_LONG" | "UNSUPPORTED_MEDIA_TYPE" | "EXPECTATION_FAILED" | "IDEMPOTENCY_CONFLICT" | "UPGRADE_REQUIRED" | "QUOTA_EXCEEDED" | "RATE_LIMITED" | "TOO_MANY_STREAMS" | "HEADERS_TOO_LARGE" | "INTERNAL_ERROR" | "UNAVAILABLE";
        /** @description One mistake in a request. */
        ErrorDetail: {
            /** @description The field, or the name of a bound. */
            path: string;
            /** @description What is wrong with it. */
            message: string;
        };
        /** @description Something that happened to you. New types may come: ignore those that you do not know. */
        Event: components["schemas"]["ConnectionEvent"] | components["schemas"]["MessageReceivedEvent"] | components["schemas"]["DeliveryStatusEvent"] | components["schemas"]["FriendRequestEvent"] | components["schemas"]["FriendAcceptedEvent"] | components["schemas"]["GroupInviteEvent"] | components["schemas"]["GroupJoinEvent"] | components["schemas"]["GroupLeaveEvent"] | components["schemas"]["AgentSeenEvent"] | components["schemas"]["AgentFailingEvent"] | components["schemas"]["AgentSuspendedEvent"] | components["schemas"]["ReviewRequiredEvent"] | components["schemas"]["ReviewClosedEvent"] | components["schemas"]["KeyChangedEvent"];
        /** @description The group. */
        FanoutGroup: {
            /** @description The id of the group. */
            id: string;
            /**
             * @description A group.
             * @constant
             */
            type: "group";
            /** @description Its name. */
            name: string;
            /** @description How many members you can reach. */
            member_count: number;
        };
        /** @description Something that the doctor has looked at. */
        Finding: {
            /** @description What was looked at. */
            check: string;
            level: components["schemas"]["FindingLevel"];
            /** @description What was found. */
            finding: string;
            /** @description What to do about it. */
            advice?: string;
        };
        /**
         * @description `ok`: it is right. `note`: worth knowing. `problem`: it does not work, or soon will not.
         * @enum {string}
         */
        FindingLevel: "ok" | "note" | "problem";
        /** @description Somebody who is a friend, has asked, was asked, or is blocked. */
        Friend: {
            /** @description The id of the friendship. */
            id: string;
            /** @description The same. */
            friendship_id: string;
            /** @description The id of the other person. */
            user_id: string;
            /** @description The name of the other person. */
            username: string;
            /** @description What they call themselves; of accepted ones only. */
            display_name?: string;
            status: components["schemas"]["FriendStatus"];
            /**
             * @description Who had asked, or blocked: `sent`, you did.
             * @enum {string}
             */
            direction: "sent" | "received";
            /**
             * Format: date-time
             * @description When it came to be so.
             */
            since: string;
            /** @description The roles that you have given to this friend. They do not see them. */
            roles: string[];
        };
        /** @description Somebody has accepted your friendship. */
        FriendAcceptedEvent: {
            /** @description Its place in the log: go on after it when the stream breaks. */
            id: string;
            /**
             * @description Somebody has accepted your friendship.
             * @constant
             */
            type: "friend_accepted";
            /**
             * Format: date-time
             * @description When it happened.
             */
            timestamp: string;
            /** @description What happened. */
            data: {
                /** @description The friendship. */
                friendship_id: string;
                /** @description The other person. */
                username: string;
            };
        };
        /** @description A link that makes a friend of whoever opens it, once. Its token is not shown again. */
        FriendLink: {
            /** @description The id of the link, to withdraw it. */
            id: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description It can be used until then.
             */
            expires_at: string;
        };
        /** @description Whose friend the link makes you. */
        FriendLinkMaker: {
            /** @description Who made it. */
            username: string;
            /**
             * Format: date-time
             * @description It can be used until then.
             */
            expires_at: string;
        };
        /** @description Somebody asks for your friendship. */
        FriendRequestEvent: {
            /** @description Its place in the log: go on after it when the stream breaks. */
            id: string;
            /**
             * @description Somebody asks for your friendship.
             * @constant
             */
            type: "friend_request";
            /**
             * Format: date-time
             * @description When it happened.
             */
            timestamp: string;
            /** @description What happened. */
            data: {
                /** @description The friendship. */
                friendship_id: string;
                /** @description The other person. */
                username: string;
            };
        };
        /** @description The roles of a friend, as you have given them. */
        FriendRoles: {
            /** @description The roles that you have given to this friend. They do not see them. */
            roles: string[];
        };
        /**
         * @description How it stands.
         * @enum {string}
         */
        FriendStatus: "accepted" | "pending" | "blocked";
        /** @description A friendship, or the request for one. */
        Friendship: {
            /** @description The id of the friendship. */
            friendship_id: string;
            /**
             * @description How it stands now.
             * @enum {string}
             */
            status: "pending" | "accepted";
        };
        /** @description A role for a friend. */
        GiveRole: {
            /** @description One of those that `GET /roles` lists. */
            role: string;
        };
        /** @description A public key. Other members are ignored, but one of a private key is refused. */
        GivenPublicKey: {
            /**
             * @description The kind of key (RFC 8037).
             * @enum {string}
             */
            kty: "OKP";
            /**
             * @description `X25519` to encrypt to, `Ed25519` to verify with.
             * @enum {string}
             */
            crv: "X25519" | "Ed25519";
            /** @description The public key itself: 32 bytes in base64url. */
            x: string;
            /**
             * @description `enc` of X25519, `sig` of Ed25519.
             * @enum {string}
             */
            use?: "enc" | "sig";
            /** @description The thumbprint of the key (RFC 7638, SHA-256). */
            kid?: string;
        };
        /** @description For end-to-end encryption: a JWK Set (RFC 7517). Friends are told when it changes. */
        GivenPublicKeys: {
            /** @description At most one of each curve; none removes those that are there. */
            keys: components["schemas"]["GivenPublicKey"][];
        };
        /** @description The friend has this role now. */
        GivenRole: {
            /**
             * @description It is done.
             * @constant
             */
            success: true;
            /** @description The name of a role. */
            role: string;
        };
        /** @description A group that you are a member of, or invited to. */
        Group: {
            /** @description The id of the group. */
            group_id: string;
            /** @description The same. */
            id: string;
            /** @description The name of the group. */
            name: string;
            /** @description What the group is for. */
            description?: string;
            /** @description Only who was invited can join. */
            invite_only: boolean;
            role: components["schemas"]["GroupRole"];
            status: components["schemas"]["MembershipStatus"];
            /** @description How many are in it, without invited people. */
            member_count: number;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
        };
        /** @description How the decisions about members make one; always the same. */
        GroupFanoutAggregate: {
            /** @description Each member is decided about. */
            fanout_mode: string;
            /** @description Which decision stands for all, if members have different ones. */
            mixed_decision_priority: ("allow" | "ask" | "deny")[];
            /** @description The reason when not all get it. */
            partial_reason_code: string;
            /** @description What to say when nobody is there. */
            empty_group_summary: string;
            /** @description What to say when not all get it. */
            partial_summary_template: string;
            /** @description How policies are evaluated. */
            policy_evaluation_mode: string;
        };
        /** @description What an agent needs to decide about a message to each member of a group. */
        GroupFanoutBundle: {
            /**
             * @description The version of the shapes of the plugin API.
             * @constant
             */
            contract_version: "1.0.0";
            bundle_metadata: components["schemas"]["BundleMetadata"];
            authenticated_identity: components["schemas"]["BundleIdentity"];
            selector_context: components["schemas"]["Selectors"];
            /**
             * @description A message to each member of a group.
             * @constant
             */
            bundle_type: "group_fanout";
            group: components["schemas"]["FanoutGroup"];
            aggregate_metadata: components["schemas"]["GroupFanoutAggregate"];
            /** @description Those of the group, which can only be stricter. */
            group_overlay_policies: components["schemas"]["BundledPolicy"][];
            /** @description Every other member whom you can reach. */
            members: components["schemas"]["GroupFanoutMember"][];
        };
        /** @description Which group a message is for, and what kind of message it is. */
        GroupFanoutBundleRequest: {
            /** @description The id of a group that you are a member of. */
            recipient: string;
            /**
             * @description What `recipient` names. Default `user`.
             * @enum {string}
             */
            recipient_type?: "user" | "group";
            /** @description The agent that sends it, one of your own. */
            sender_connection_id?: string;
            /** @description One of outbound, inbound, request, response, notification, error. */
            direction?: string;
            /** @description What it is about: two words with a dot. */
            resource?: string;
            /** @description What is done with it. */
            action?: string;
            declared_selectors?: components["schemas"]["DeclaredSelectors"];
        };
        /** @description What an agent needs to decide about one member. */
        GroupFanoutMember: {
            recipient: components["schemas"]["PluginRecipient"];
            /** @description The roles that you have given this person. */
            roles: string[];
            /** @description Under which the decision about this member is to be committed. */
            resolution_id: string;
            /** @description Your own that apply, by falling priority. */
            member_applicable_policies: components["schemas"]["BundledPolicy"][];
            llm: components["schemas"]["BundleModel"];
        };
        /** @description You are invited to a group. */
        GroupInviteEvent: {
            /** @description Its place in the log: go on after it when the stream breaks. */
            id: string;
            /**
             * @description You are invited to a group.
             * @constant
             */
            type: "group_invite";
            /**
             * Format: date-time
             * @description When it happened.
             */
            timestamp: string;
            /** @description What happened. */
            data: {
                /** @description The group. */
                group_id: string;
                /** @description Its name. */
                group_name: string;
                /** @description The membership that you are offered. */
                membership_id: string;
                /** @description Who invites you. */
                invited_by: string;
            };
        };
        /** @description Somebody has joined a group that you run. */
        GroupJoinEvent: {
            /** @description Its place in the log: go on after it when the stream breaks. */
            id: string;
            /**
             * @description Somebody has joined a group that you run.
             * @constant
             */
            type: "group_join";
            /**
             * Format: date-time
             * @description When it happened.
             */
            timestamp: string;
            /** @description What happened. */
            data: {
                /** @description The group. */
                group_id: string;
                /** @description Its name. */
                group_name: string;
                /** @description Who has joined. */
                username: string;
                /**
                 * @description In what role.
                 * @enum {string}
                 */
                role: "owner" | "admin" | "member";
            };
        };
        /** @description Somebody has left a group that you run, you were removed from one, or one has ended. */
        GroupLeaveEvent: {
            /** @description Its place in the log: go on after it when the stream breaks. */
            id: string;
            /**
             * @description Somebody has left a group that you run, you were removed from one, or one has ended.
             * @constant
             */
            type: "group_leave";
            /**
             * Format: date-time
             * @description When it happened.
             */
            timestamp: string;
            /** @description What happened. */
            data: {
                /** @description The group. */
                group_id: string;
                /** @description Its name. */
                group_name: string;
                /** @description Who has left. */
                username?: string;
                /**
                 * @description What they were before.
                 * @enum {string}
                 */
                was?: "invited" | "active";
                /** @description Who has removed them. */
                removed_by?: string;
                /**
                 * @description The group is gone.
                 * @constant
                 */
                group_deleted?: true;
            };
        };
        /** @description A link that makes whoever opens it a member of the group. Its token is not shown again. */
        GroupLink: {
            /** @description The id of the link, to withdraw it. */
            id: string;
            /** @description Who made it. */
            made_by: string;
            /** @description How many people can still use it. */
            uses_left: number;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description It can be used until then.
             */
            expires_at: string;
        };
        /** @description Where a link leads. */
        GroupLinkShown: {
            /** @description The name of the group. */
            group_name: string;
            /** @description Who made it. */
            made_by: string;
            /**
             * Format: date-time
             * @description It can be used until then.
             */
            expires_at: string;
        };
        /**
         * @description What somebody may do in a group.
         * @enum {string}
         */
        GroupRole: "owner" | "admin" | "member";
        /** @description The process answers. */
        Health: {
            /**
             * @description Always this.
             * @constant
             */
            status: "ok";
            /**
             * Format: date-time
             * @description The time here.
             */
            timestamp: string;
        };
        /** @description What was decided about one recipient. */
        HeldRecipientResult: {
            /** @description A username. */
            recipient: string;
            /**
             * @description What was decided.
             * @enum {string}
             */
            decision: "allow" | "ask" | "deny";
            /**
             * @description What becomes of it.
             * @enum {string}
             */
            delivery_mode: "full_send" | "review_required" | "hold_for_approval" | "blocked";
            /**
             * @description How things stand.
             * @enum {string}
             */
            delivery_status: "review_required" | "rejected";
        };
        /** @description Of a message that is held: what was decided. */
        HeldResolution: {
            /** @description The id of the decision; the one of the request if it has one. */
            resolution_id: string;
            /**
             * @description What was decided.
             * @enum {string}
             */
            decision: "allow" | "ask" | "deny";
            /**
             * @description What becomes of it.
             * @enum {string}
             */
            delivery_mode: "full_send" | "review_required" | "hold_for_approval" | "blocked";
            /** @description Why, for people. */
            summary: string;
            /** @description Why, for programs. */
            reason_code: string;
        };
        /** @description Why it is held. */
        Hold: {
            /** @description Why: whoever waits for what is held reads it. */
            reason: string;
        };
        /** @description Which agents, and why they are held. */
        HoldHost: {
            /** @description The host, and the port if it is another one than usual. */
            host: string;
            /** @description Why: whoever waits for what is held reads it. */
            reason: string;
        };
        /** @description The body of the callback that would have been sent, and its receipt. */
        InboxMessage: {
            /** @description The id of the message: whoever knows it already has seen the message. */
            message_id: string;
            /** @description The id of this delivery. */
            delivery_id: string;
            /** @description What belongs together, in the sender’s words. */
            correlation_id?: string;
            /** @description The message that this one answers. */
            in_response_to?: string;
            /** @description Your agent that gets it. */
            recipient_connection_id: string;
            /** @description The username of the sender. */
            sender: string;
            /** @description The id of the sender. */
            sender_user_id: string;
            /** @description The framework of the sending agent. */
            sender_agent: string;
            /** @description The agent that sent it. */
            sender_connection_id?: string;
            /** @description What is said. */
            message: string;
            /** @description What `message` is. */
            payload_type: string;
            encryption?: components["schemas"]["Encryption"];
            sender_signature?: components["schemas"]["SenderSignature"];
            /** @description What the agent should know beside. */
            context?: string;
            /** @description The group that it was sent to. */
            group_id?: string;
            /** @description The name of that group. */
            group_name?: string;
            /**
             * Format: date-time
             * @description When the message was accepted.
             */
            timestamp: string;
            /** @description Acknowledge this. */
            receipt: string;
        };
        /** @description A message between the two of you. */
        Interaction: {
            /**
             * @description From you, or to you.
             * @enum {string}
             */
            direction: "outbound" | "inbound";
            /** @description The message. */
            message_id: string;
            /** @description Its beginning in one line: 140 characters. */
            summary: string;
            /**
             * Format: date-time
             * @description When.
             */
            timestamp: string;
        };
        /** @description An invitation to a group. */
        Invitation: {
            /** @description The id of the membership. */
            membership_id: string;
            /** @description The id of the group. */
            group_id: string;
            /** @description The id of the invited person. */
            user_id: string;
            /** @description The name of the invited person. */
            username: string;
            /**
             * @description They have yet to join.
             * @constant
             */
            status: "invited";
        };
        /** @description An invitation to register. */
        Invite: {
            /** @description The invitation. */
            id: string;
            status: components["schemas"]["InviteStatus"];
            /** @description How many have registered with it. */
            used: number;
            /** @description How many may. */
            uses: number;
            /** @description Whom it is for. */
            note?: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it ends.
             */
            expires_at: string;
        };
        /**
         * @description `open`: somebody can still register with it.
         * @enum {string}
         */
        InviteStatus: "open" | "used up" | "expired" | "revoked";
        /** @description The group that you are in now. */
        JoinedGroup: {
            /** @description The id of the group. */
            group_id: string;
            /** @description The same. */
            id: string;
            /** @description The name of the group. */
            name: string;
            /**
             * @description You are in it.
             * @constant
             */
            status: "active";
            role: components["schemas"]["GroupRole"];
        };
        /** @description The public keys of an agent of a friend have changed, or of one of your own. */
        KeyChangedEvent: {
            /** @description Its place in the log: go on after it when the stream breaks. */
            id: string;
            /**
             * @description The public keys of an agent of a friend have changed, or of one of your own.
             * @constant
             */
            type: "key_changed";
            /**
             * Format: date-time
             * @description When it happened.
             */
            timestamp: string;
            /** @description What happened. */
            data: {
                /** @description Whose agent it is; you, when it is yours. */
                username: string;
                /** @description The agent. */
                connection_id: string;
                /** @description Its framework. */
                framework: string;
                /** @description Its label. */
                label: string;
                /** @description The `kid` of each key that it had. */
                old_thumbprints: string[];
                /** @description The `kid` of each key that it has now. */
                new_thumbprints: string[];
            };
        };
        /**
         * @description `all`: everything. `read`: what only reads, but the inbox. `agent`: what one agent needs, in its name.
         * @enum {string}
         */
        KeyScope: "all" | "read" | "agent";
        /** @description API keys. */
        KeysBySecret: {
            /** @description Under `SECRET_KEY`. */
            current: number;
            /** @description Under `SECRET_KEY_PREVIOUS`. */
            previous: number;
            /** @description Under neither: these do not work. */
            lost: number;
            /** @description Known once they are used. */
            unknown: number;
        };
        /** @description The latest message of a thread. */
        LatestMessage: {
            /** @description The id of the message. */
            id: string;
            /** @description The username of the sender. */
            sender: string;
            /** @description The framework of the sending agent. */
            sender_agent: string;
            /** @description What the message is. */
            payload_type: string;
            /** @description Only its recipients can read it. */
            is_encrypted: boolean;
            /** @description How it begins; absent of what is encrypted or was erased. */
            excerpt?: string;
            /** @description Bytes of all of it. */
            bytes: number;
            /**
             * @description How the message stands.
             * @enum {string}
             */
            status: "pending" | "delivered" | "failed" | "rejected";
            /**
             * Format: date-time
             * @description When it was accepted.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When its sender erased it.
             */
            erased_at?: string;
        };
        /** @description How your agent came to it. */
        LearningProvenance: {
            /** @description What it was learned from. */
            source_interaction_id: string | null;
            /** @description The policies that it comes from. */
            promoted_from_policy_ids: string[];
        };
        /** @description You are in it no more. */
        LeftGroup: {
            /**
             * @description It is done.
             * @constant
             */
            success: true;
            /**
             * @description You were the last member, and the group is gone.
             * @constant
             */
            group_deleted?: true;
        };
        /** @description A bound, and how much of it is used. */
        Limit: {
            /** @description The bound, as docs/limits.md and the `details` of a refusal name it. */
            name: string;
            /** @description How much of it is used. */
            used: number;
            /** @description How much there may be. */
            limit: number;
            /**
             * Format: date-time
             * @description When the count begins again.
             */
            resets_at?: string;
        };
        /** @description The friendship that the link has made. */
        LinkedFriend: {
            /** @description The id of the friendship. */
            friendship_id: string;
            /**
             * @description You are friends.
             * @constant
             */
            status: "accepted";
            /** @description The id of your new friend. */
            user_id: string;
            /** @description The name of your new friend. */
            username: string;
        };
        /** @description What an agent has decided about a message. */
        LocalDecision: {
            /**
             * @description What the agent has decided.
             * @enum {string}
             */
            decision: "allow" | "ask" | "deny";
            /**
             * @description `full_send` for allow, `blocked` for deny, one of the others for ask: then the message waits.
             * @enum {string}
             */
            delivery_mode: "full_send" | "review_required" | "hold_for_approval" | "blocked";
            /** @description What was decided, for people. */
            summary?: string;
            /** @description Why. */
            reason?: string;
            /** @description Default `policy.<decision>.resolved`. */
            reason_code?: string;
            /** @description Why, at length. */
            resolution_explanation?: string;
            /**
             * @description What decided.
             * @enum {string}
             */
            resolver_layer?: "platform_guardrails" | "user_policies";
            /** @description Which of the agent’s own rules it was. */
            guardrail_id?: string;
            /** @description The policy that decided; one of its uses is taken. */
            winning_policy_id?: string;
            /** @description The policies that matched. */
            matched_policy_ids?: string[];
            /** @description What came of each policy; kept if it is not too long. */
            evaluated_policies?: {
                [key: string]: unknown;
            }[];
            diagnostics?: components["schemas"]["DecisionDiagnostics"];
        };
        /** @description Somebody who is in a group, or invited to it. */
        Member: {
            /** @description The id of the membership. */
            membership_id: string;
            /** @description The id of the member. */
            user_id: string;
            /** @description The name of the member. */
            username: string;
            role: components["schemas"]["GroupRole"];
            status: components["schemas"]["MembershipStatus"];
            /** @description What they call themselves; of active ones only. */
            display_name?: string;
            /**
             * Format: date-time
             * @description When they joined.
             */
            joined_at?: string;
            /** @description Of active ones the agent that gets a message of yours to the group; absent: none does. */
            connection_id?: string;
            public_keys?: components["schemas"]["PublicKeys"];
            /**
             * Format: date-time
             * @description When they last changed.
             */
            public_keys_since?: string;
        };
        /**
         * @description Whether somebody has joined, or is invited to.
         * @enum {string}
         */
        MembershipStatus: "invited" | "active";
        /** @description A message that you sent or were sent. */
        Message: {
            /** @description The id of the message. */
            id: string;
            /** @description What belongs together, in words of yours. */
            correlation_id?: string;
            /** @description The message that this one answers. */
            in_response_to?: string;
            /** @description The username of the sender. */
            sender: string;
            /** @description The framework of the sending agent. */
            sender_agent: string;
            /** @description A username, or the name of a group. */
            recipient: string;
            recipient_type: components["schemas"]["RecipientType"];
            /** @description What was said; empty after it was erased. */
            message: string;
            /** @description What `message` is. */
            payload_type: string;
            encryption?: components["schemas"]["Encryption"];
            sender_signature?: components["schemas"]["SenderSignature"];
            /** @description What the agent should know beside. */
            context?: string;
            status: components["schemas"]["MessageStatus"];
            /** @description Why a policy forbids the message. */
            rejection_reason?: string;
            /**
             * Format: date-time
             * @description When it was accepted.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was delivered first.
             */
            delivered_at?: string;
            /**
             * Format: date-time
             * @description When its sender erased it: `message` and `context` are empty since.
             */
            erased_at?: string;
            delivery_counts?: components["schemas"]["DeliveryCounts"];
        };
        /** @description A message for you was accepted, or is sent again. The message itself comes by callback or from the inbox. */
        MessageReceivedEvent: {
            /** @description Its place in the log: go on after it when the stream breaks. */
            id: string;
            /**
             * @description A message for you was accepted, or is sent again. The message itself comes by callback or from the inbox.
             * @constant
             */
            type: "message_received";
            /**
             * Format: date-time
             * @description When it happened.
             */
            timestamp: string;
            /** @description What happened. */
            data: {
                /** @description The message. */
                message_id: string;
                /** @description The delivery. */
                delivery_id: string;
                /** @description Who sent it. */
                sender: string;
                /** @description Your agent that gets it. */
                connection_id: string;
                /** @description As its sender gave it. */
                correlation_id?: string;
                /** @description The group that it was sent to. */
                group_id?: string;
                /** @description The name of that group. */
                group_name?: string;
            };
        };
        /**
         * @description `delivered` once one of its deliveries has succeeded; `pending` while one may still.
         * @enum {string}
         */
        MessageStatus: "pending" | "delivered" | "failed" | "rejected";
        /** @description A message, and what has become of it. */
        MessageWithDeliveries: {
            /** @description The id of the message. */
            id: string;
            /** @description What belongs together, in words of yours. */
            correlation_id?: string;
            /** @description The message that this one answers. */
            in_response_to?: string;
            /** @description The username of the sender. */
            sender: string;
            /** @description The framework of the sending agent. */
            sender_agent: string;
            /** @description A username, or the name of a group. */
            recipient: string;
            recipient_type: components["schemas"]["RecipientType"];
            /** @description What was said; empty after it was erased. */
            message: string;
            /** @description What `message` is. */
            payload_type: string;
            encryption?: components["schemas"]["Encryption"];
            sender_signature?: components["schemas"]["SenderSignature"];
            /** @description What the agent should know beside. */
            context?: string;
            status: components["schemas"]["MessageStatus"];
            /** @description Why a policy forbids the message. */
            rejection_reason?: string;
            /**
             * Format: date-time
             * @description When it was accepted.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was delivered first.
             */
            delivered_at?: string;
            /**
             * Format: date-time
             * @description When its sender erased it: `message` and `context` are empty since.
             */
            erased_at?: string;
            /** @description All of them for its sender, for a recipient their own. */
            deliveries: components["schemas"]["DeliverySummary"][];
        };
        /** @description Whom it is about. */
        NameFriend: {
            /** @description The name of the other person; case does not matter. */
            username: string;
        };
        /** @description Whom it is about. */
        NameMember: {
            /** @description The name of the person; case does not matter. */
            username: string;
        };
        /** @description A new API key. */
        NewKeyOfUser: {
            /** @description Shown this once. All others are dead. */
            api_key: string;
        };
        /**
         * @description For one message, until it expires, or for good.
         * @enum {string}
         */
        OverrideKind: "one_time" | "temporary" | "persistent";
        /** @description Whether the agent is there. */
        Ping: {
            /** @description The agent answered, with a status below 500. A polling agent is not asked: true. */
            success: boolean;
            /** @description How long the answer took; 0 for a polling agent. */
            latency_ms: number;
            mode: components["schemas"]["AgentMode"];
            /**
             * Format: date-time
             * @description When it last took a message, or answered a ping.
             */
            last_seen?: string;
            /** @description The HTTP status of the answer. */
            status_code?: number;
            /**
             * @description Why there was none.
             * @enum {string}
             */
            error?: "timeout" | "refused_address" | "dns" | "tls" | "connection";
        };
        /** @description A person, as bundles name them. */
        PluginRecipient: {
            /** @description The id of the person. */
            id: string;
            /**
             * @description A person.
             * @constant
             */
            type: "user";
            /** @description The person’s username. */
            username: string;
        };
        /** @description A rule for what agents may send. */
        Policy: {
            /** @description The id of the policy. */
            id: string;
            scope: components["schemas"]["PolicyScope"];
            /** @description Who it is for: an id, or the name of a role. */
            target_id?: string;
            /** @description What the person or the group is called. */
            target_name?: string;
            evaluator: components["schemas"]["PolicyEvaluator"];
            /**
             * @description The same, for existing clients.
             * @enum {string}
             */
            policy_type: "structured" | "heuristic" | "llm";
            effect: components["schemas"]["PolicyEffect"];
            /** @description Which way a message goes that it is for. Null: any. */
            direction: string | null;
            /** @description What such a message is about. Null: anything. */
            resource: string | null;
            /** @description What is done with it. Null: anything. */
            action: string | null;
            /** @description Rules as JSON text, or a prompt. */
            policy_content: string;
            /** @description Of several the highest comes first. */
            priority: number;
            /** @description Whether it counts. */
            enabled: boolean;
            /** @description As given; `legacy_migrated` when it is from before policies had effects. */
            source: string;
            /**
             * Format: date-time
             * @description It does not apply before.
             */
            effective_from?: string;
            /**
             * Format: date-time
             * @description It does not apply from then on.
             */
            expires_at?: string;
            /** @description How many messages it may decide about. */
            max_uses?: number;
            /** @description How many are left. */
            remaining_uses?: number;
            /** @description The message that led to it. */
            derived_from_message_id?: string;
            learning_provenance?: components["schemas"]["LearningProvenance"];
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was last changed, or used.
             */
            updated_at?: string;
        };
        /** @description A policy, as `POST /policies` takes it, as if it were in force. */
        PolicyDraft: {
            /**
             * @description What it applies to.
             * @enum {string}
             */
            scope: "global" | "user" | "role" | "group";
            /** @description Id or name of a user or group, or name of a role, unless the scope is global. */
            target_id?: string | null;
            /** @description Rules, as an object or as JSON text; for `llm` a prompt. */
            policy_content: string | Record<string, never>;
            evaluator?: components["schemas"]["PolicyEvaluator"];
            /**
             * @description The same, for existing clients.
             * @enum {string}
             */
            policy_type?: "structured" | "heuristic" | "llm";
            effect?: components["schemas"]["PolicyEffect"];
            /** @description One of outbound, inbound, request, response, notification, error. */
            direction?: string | null;
            /** @description What it is about: two words with a dot. */
            resource?: string | null;
            /** @description What is done with it. */
            action?: string | null;
            /** @description What it is for; any, where null or left out. Goes before the fields beside it. */
            selectors?: {
                /** @description One of outbound, inbound, request, response, notification, error. */
                direction?: string | null;
                /** @description What it is about: two words with a dot. */
                resource?: string | null;
                /** @description What is done with it. */
                action?: string | null;
            };
            /** @description Of several the highest comes first. Default 0. */
            priority?: number;
            /** @description Whether it counts. Default true. */
            enabled?: boolean;
            /** @description It does not apply before. */
            effective_from?: string | null;
            /** @description It does not apply from then on. */
            expires_at?: string | null;
            /** @description How many messages it may decide about. */
            max_uses?: number | null;
            /** @description How many are left. */
            remaining_uses?: number | null;
            /**
             * @description Why it is there. Default `user_created`.
             * @enum {string}
             */
            source?: "user_created" | "user_confirmed" | "learned" | "default" | "override";
            /** @description The message that led to it. */
            derived_from_message_id?: string | null;
            /** @description How your agent came to it. */
            learning_provenance?: {
                /** @description What it was learned from. */
                source_interaction_id?: string | null;
                /** @description The policies that it comes from. */
                promoted_from_policy_ids?: string[];
            } | null;
        } & (({
            /** @constant */
            evaluator: "structured";
            /** @constant */
            policy_type?: "structured";
        } | {
            /** @constant */
            evaluator?: "structured";
            /** @constant */
            policy_type: "structured";
        } | {
            /** @constant */
            evaluator: "heuristic";
            /** @constant */
            policy_type?: "heuristic";
        } | {
            /** @constant */
            evaluator?: "heuristic";
            /** @constant */
            policy_type: "heuristic";
        } | {
            /** @constant */
            evaluator: "llm";
            /** @constant */
            policy_type?: "llm";
        } | {
            /** @constant */
            evaluator?: "llm";
            /** @constant */
            policy_type: "llm";
        }) & ({
            /** @constant */
            scope?: "global";
            target_id?: null;
        } | {
            /** @enum {unknown} */
            scope?: "user" | "role" | "group";
            target_id: string;
        }));
        /**
         * @description What becomes of a message that the policy concerns. Default `deny`.
         * @enum {string}
         */
        PolicyEffect: "allow" | "ask" | "deny";
        /**
         * @description How it is judged: `structured` and `heuristic` by rules, `llm` by a prompt.
         * @enum {string}
         */
        PolicyEvaluator: "structured" | "heuristic" | "llm";
        /** @description What your policies say about messages to this person. */
        PolicyGuidance: {
            /**
             * @description What would be decided if each policy matched.
             * @enum {string}
             */
            default_decision: "allow" | "ask" | "deny";
            /** @description Why. */
            reason_code: string;
            /** @description The policies in a sentence. */
            summary: string;
            policy_signal: components["schemas"]["PolicySignal"];
            /** @description The last ones, newest first. */
            relevant_decisions: components["schemas"]["RelevantDecision"][];
        };
        /**
         * @description What it applies to; `role`: the friends to whom you have given it.
         * @enum {string}
         */
        PolicyScope: "global" | "user" | "role" | "group";
        /** @description How many of each scope. */
        PolicyScopeCounts: {
            /** @description For everybody. */
            global: number;
            /** @description For a role. */
            role: number;
            /** @description For this person. */
            user: number;
        };
        /** @description How many policies there are. */
        PolicySignal: {
            /** @description How many apply. */
            applicable_policy_count: number;
            scope_counts: components["schemas"]["PolicyScopeCounts"];
        };
        /** @description What would be decided about one recipient. */
        PreviewResult: {
            /** @description A username. */
            recipient: string;
            /**
             * @description What would be decided.
             * @enum {string}
             */
            decision: "allow" | "ask" | "deny";
            /**
             * @description How it would be delivered.
             * @enum {string}
             */
            delivery_mode: "full_send" | "review_required" | "hold_for_approval" | "blocked";
        };
        /** @description The processes of the registry. */
        Processes: {
            /** @description The version of the API. */
            version: string;
            /** @description The workers that run, or did not end properly. */
            workers: components["schemas"]["WorkerProcess"][];
        };
        /** @description The person whose key asks. */
        Profile: {
            /** @description Your id. */
            user_id: string;
            /** @description Your name. */
            username: string;
            /** @description What your friends are shown. */
            display_name?: string;
            /**
             * Format: date-time
             * @description When you registered.
             */
            created_at: string;
            /**
             * @description You are signed in as the operator: `/admin` is for you.
             * @constant
             */
            operator?: true;
        };
        /** @description What an agent should know before it writes to a friend. */
        PromptContext: {
            /**
             * @description The version of the shapes of the plugin API.
             * @constant
             */
            contract_version: "1.0.0";
            policy_guidance: components["schemas"]["PolicyGuidance"];
            recipient: components["schemas"]["ContextRecipient"];
            /** @description The last messages, newest first. */
            recent_interactions: components["schemas"]["Interaction"][];
            sender_connection: components["schemas"]["ContextSender"];
            suggested_selectors: components["schemas"]["Selectors"];
        };
        /** @description To whom your agent is about to write. */
        PromptContextRequest: {
            /** @description The agent that asks, one of your own. */
            sender_connection_id: string;
            /** @description The username of a friend. */
            recipient: string;
            /**
             * @description What `recipient` names. Default `user`.
             * @enum {string}
             */
            recipient_type?: "user" | "group";
            draft_selectors?: components["schemas"]["DeclaredSelectors"];
            /** @description One of outbound, inbound, request, response, notification, error. */
            direction?: string;
            /** @description What it is about: two words with a dot. */
            resource?: string;
            /** @description What is done with it. */
            action?: string;
            declared_selectors?: components["schemas"]["DeclaredSelectors"];
            /** @description Whether to tell of the last messages. Default true. */
            include_recent_interactions?: boolean;
            /** @description How many of them. Default 5. */
            interaction_limit?: number;
        };
        /** @description A public key (RFC 8037). */
        PublicKey: {
            /**
             * @description The kind of key (RFC 8037).
             * @enum {string}
             */
            kty: "OKP";
            /**
             * @description `X25519` to encrypt to, `Ed25519` to verify with.
             * @enum {string}
             */
            crv: "X25519" | "Ed25519";
            /** @description The public key itself: 32 bytes in base64url. */
            x: string;
            /**
             * @description `enc` of X25519, `sig` of Ed25519.
             * @enum {string}
             */
            use: "enc" | "sig";
            /** @description The thumbprint of the key (RFC 7638, SHA-256). */
            kid: string;
        };
        /**
         * @description The algorithm of `public_key`.
         * @enum {string}
         */
        PublicKeyAlgorithm: "ed25519" | "x25519";
        /** @description For end-to-end encryption: a JWK Set (RFC 7517). */
        PublicKeys: {
            /** @description At most one of each curve, the one to encrypt with first. */
            keys: components["schemas"]["PublicKey"][];
        };
        /** @description What is owed to whom. */
        Queue: {
            /** @description Deliveries that wait; of one agent counted up to 1,000. */
            waiting: number;
            /** @description Deliveries that are on their way; of one agent counted up to 1,000. */
            in_flight: number;
            /** @description Deliveries that failed for good; of one agent counted up to 1,000. */
            dead_letters: number;
            /** @description No agent was left out, and no count stopped early. */
            is_complete: boolean;
            /**
             * Format: date-time
             * @description When it was looked at; it is remembered for 5 seconds.
             */
            checked_at: string;
            /** @description Rows that are not shown. */
            more: number;
            /** @description By host. */
            hosts?: components["schemas"]["QueueHost"][];
            /** @description By agent. */
            agents?: components["schemas"]["QueueAgent"][];
        };
        /** @description What is owed to an agent. */
        QueueAgent: {
            /** @description The agent. */
            connection_id: string;
            /** @description Whose it is. */
            username: string;
            /** @description What it is. */
            framework: string;
            /** @description Which one. */
            label: string;
            mode: components["schemas"]["QueueMode"];
            status: components["schemas"]["QueueAgentStatus"];
            /** @description The host, and the port if it is another one than usual. */
            host?: string;
            /** @description Deliveries that wait; of one agent counted up to 1,000. */
            waiting: number;
            /** @description Deliveries that are on their way; of one agent counted up to 1,000. */
            in_flight: number;
            /** @description Deliveries that failed for good; of one agent counted up to 1,000. */
            dead_letters: number;
            /**
             * Format: date-time
             * @description When the delivery that waits longest was, or will be, due.
             */
            first_due_at?: string;
            /**
             * Format: date-time
             * @description When the first failed attempt was since the last that worked.
             */
            failing_since?: string;
            /**
             * Format: date-time
             * @description When the circuit breaker lets the next attempt through.
             */
            next_try_at?: string;
            /** @description How the last attempt of what waits, or failed, ended. */
            last_error?: string;
            /** @description Failed attempts since the last that worked. */
            failures: number;
            /**
             * Format: date-time
             * @description When it last took a delivery, or answered a ping.
             */
            last_seen?: string;
            /**
             * @description Its owner is disabled.
             * @constant
             */
            owner_is_disabled?: true;
            /**
             * Format: date-time
             * @description Since when the operator holds it.
             */
            held_at?: string;
            /** @description Why. */
            held_reason?: string;
        };
        /**
         * @description As its owner sees it.
         * @enum {string}
         */
        QueueAgentStatus: "active" | "inactive" | "suspended" | "deleted";
        /** @description What is owed to the agents at a host. */
        QueueHost: {
            /** @description Without it: agents that fetch their messages. */
            host?: string;
            /** @description Agents there that something is owed to, or that have dead letters. */
            agents: number;
            /** @description Deliveries that wait; of one agent counted up to 1,000. */
            waiting: number;
            /** @description Deliveries that are on their way; of one agent counted up to 1,000. */
            in_flight: number;
            /** @description Deliveries that failed for good; of one agent counted up to 1,000. */
            dead_letters: number;
            /**
             * Format: date-time
             * @description When the delivery that waits longest was, or will be, due.
             */
            first_due_at?: string;
            /**
             * Format: date-time
             * @description When the first failed attempt was since the last that worked.
             */
            failing_since?: string;
            /**
             * Format: date-time
             * @description When the circuit breaker lets the next attempt through.
             */
            next_try_at?: string;
            /** @description How the last attempt of what waits, or failed, ended. */
            last_error?: string;
            /** @description Agents there that fail. */
            failing: number;
            /** @description Agents there that the operator holds. */
            held: number;
        };
        /**
         * @description How it gets its messages.
         * @enum {string}
         */
        QueueMode: "callback" | "polling";
        /** @description Requests are welcome. */
        Ready: {
            /**
             * @description Requests are welcome.
             * @constant
             */
            status: "ready";
        };
        /** @description What was decided about one recipient. */
        RecipientResult: {
            /** @description A username. */
            recipient: string;
            /**
             * @description What was decided.
             * @enum {string}
             */
            decision: "allow" | "ask" | "deny";
            /**
             * @description How it is delivered.
             * @enum {string}
             */
            delivery_mode: "full_send" | "review_required" | "hold_for_approval" | "blocked";
            /**
             * @description How things stand.
             * @enum {string}
             */
            delivery_status: "pending" | "review_required" | "approval_pending" | "rejected" | "delivered" | "failed";
        };
        /**
         * @description Whether `recipient` is a person or a group.
         * @enum {string}
         */
        RecipientType: "user" | "group";
        /** @description Since when to requeue. */
        RecoverAgent: {
            /** @description Deliveries of messages accepted since: ISO 8601, or Unix seconds or milliseconds. */
            since: string | number;
        };
        /** @description What is tried again. */
        RecoveredAgent: {
            /** @description Deliveries that are tried again. */
            requeued: number;
        };
        /** @description You are signed in: the session is in a cookie. */
        RedeemedBrowserLogin: {
            /**
             * @description You are signed in; the cookie says so.
             * @constant
             */
            authenticated: true;
            /** @description Your id. */
            user_id: string;
            /** @description Your name. */
            username: string;
            /** @description What your friends are shown; null: nothing. */
            display_name: string | null;
            /**
             * Format: date-time
             * @description When you will have to sign in again, at the latest.
             */
            session_expires_at: string;
            /** @description The attempt. */
            attempt_id: string;
            /**
             * @description It has served its purpose.
             * @constant
             */
            status: "redeemed";
        };
        /** @description A new person. */
        Register: {
            /** @description 3–30 of A–Z a–z 0–9 _ -; case does not matter. Some names, such as `admin`, are reserved. */
            username: string;
            /** @description What your friends are shown. */
            display_name?: string;
            /** @description Where one has to be invited to register. */
            invite_token?: string;
            /** @description The same, for existing clients. */
            inviteToken?: string;
            /** @description Made by chance, by you alone: for an hour, who sends it with the same username gets the same answer again. So an answer that is lost loses no API key. Forget it as soon as you have the key. */
            retry_token?: string;
        };
        /** @description An agent with a `callback_url` is called; one without it polls. The same framework and label again is an update. */
        RegisterAgent: {
            /** @description What the agent is built with. */
            framework: string;
            /** @description Which of your agents of this framework it is. */
            label: string;
            /** @description What it is for. */
            description?: string;
            /** @description What it can do: a list, or a text with commas between (or the JSON of a list, as existing clients send it). */
            capabilities?: string[] | string;
            /** @description Of several agents the one with the highest gets a message. Default 0. */
            routing_priority?: number;
            /**
             * @description `webhook` is another word for `callback`, which answers repeat. Default: `callback` with a URL, `polling` without.
             * @enum {string}
             */
            mode?: "callback" | "webhook" | "polling";
            /**
             * Format: uri
             * @description Where messages are POSTed; required in callback mode. `https:`, without user name, password or fragment.
             */
            callback_url?: string;
            /** @description Made by the registry when absent, which is best; polling agents have none. */
            callback_secret?: string;
            /** @description Headers that the receiver wants, such as a token of its own; 4096 bytes at most. Stored sealed, never shown again, and dropped when `callback_url` moves to another origin; `{}` removes them. Not possible: what the registry or HTTP itself sets (host, content-*, connection, user-agent, x-mahilo-*, webhook-* and others). */
            callback_headers?: {
                [key: string]: string;
            };
            callback_format?: components["schemas"]["CallbackFormat"];
            /** @description For end-to-end encryption between agents; the registry hands it on. */
            public_key?: string;
            public_key_alg?: components["schemas"]["PublicKeyAlgorithm"];
            public_keys?: components["schemas"]["GivenPublicKeys"];
            /** @description For a known agent: make a new secret; the old one signs along for 24 h. */
            rotate_secret?: boolean;
            /** @description Change no agent that is there: with the same framework and label it is refused. */
            create_only?: boolean;
        };
        /** @description You are registered. */
        Registered: {
            /** @description Your id. */
            user_id: string;
            /** @description Your name, in lower case. */
            username: string;
            /** @description Shown this once. */
            api_key: string;
        };
        /** @description A new connection. */
        RegisteredAgent: {
            /** @description The id of the connection. */
            connection_id: string;
            /** @description Verifies callbacks. Shown this once; polling agents have none. */
            callback_secret?: string;
            mode: components["schemas"]["AgentMode"];
        };
        /** @description How the registry is. */
        RegistryHealth: {
            /** @description There is no problem. */
            ok: boolean;
            /** @description What the doctor has found. */
            findings: components["schemas"]["Finding"][];
            /**
             * Format: date-time
             * @description When the doctor looked; it is remembered for 30 seconds.
             */
            checked_at: string;
        };
        /** @description A policy forbids the message. */
        RejectedMessage: {
            /** @description The id of the message. */
            message_id: string;
            /**
             * @description It is kept for its sender alone.
             * @constant
             */
            status: "rejected";
            /** @description Why a policy forbids the message. */
            rejection_reason: string;
            /**
             * @description This is the answer to an earlier request with the same idempotency key.
             * @constant
             */
            deduplicated?: true;
        };
        /** @description A message to this person that is held or was denied. */
        RelevantDecision: {
            /**
             * @description What was decided.
             * @enum {string}
             */
            decision: "allow" | "ask" | "deny";
            /**
             * @description It is one of yours.
             * @constant
             */
            direction: "outbound";
            /** @description The message. */
            message_id: string;
            /** @description Why. */
            reason_code: string | null;
            selectors: components["schemas"]["Selectors"];
            /** @description What came of it. */
            status: string;
            /**
             * Format: date-time
             * @description When.
             */
            timestamp: string;
        };
        /** @description Which ones: all that fit everything that is said. */
        RequeueDeadLetters: {
            /** @description Only count them. */
            dry_run: boolean;
            /** @description Those to this agent. */
            connection_id?: string;
            /** @description Those to agents at this host; null: to agents that fetch their messages. */
            host?: string | null;
            /** @description Those that failed like this. */
            error?: string;
            /** @description Those that were accepted since then. */
            since?: string;
            /** @description From the answer before: goes on there, and meets nothing that has failed again. */
            cursor?: string;
        };
        /** @description What became of them. */
        RequeuedDeadLetters: {
            /** @description They were only counted. */
            dry_run: boolean;
            /** @description With `dry_run`: how many fit, counted up to 1,000. */
            matched?: number;
            /** @description How many go out again. */
            requeued?: number;
            /** @description Of how many agents they are. */
            agents: number;
            /** @description Agents that were left out: they are inactive, or deleted. */
            skipped_agents: number;
            /** @description There may be more: ask again with the cursor. */
            more: boolean;
            /** @description Where it stopped, when there may be more. */
            cursor?: string;
        };
        /** @description Which dead letters are sent again: those that meet all of it, so all of them if it says nothing. */
        ResendMatching: {
            /** @description Only those to this agent of yours. */
            connection_id?: string;
            /**
             * @description Only those of your messages, or those to your agents.
             * @enum {string}
             */
            direction?: "sent" | "received";
            /** @description Only what went between you and this person (a username), or through this group (its id). */
            with?: string;
            /**
             * @description What `with` names. Default `user`.
             * @enum {string}
             */
            with_type?: "user" | "group";
            /** @description Only what was accepted since: ISO 8601, or Unix seconds or milliseconds. */
            since?: string;
            /**
             * @description Only those whose latest attempt ended like this.
             * @enum {string}
             */
            outcome?: "delivered" | "http_status" | "redirect" | "gone" | "timeout" | "dns" | "tls" | "connection" | "response" | "refused_address";
            /** @description Only those of messages with this correlation id; empty: of those without one. */
            correlation_id?: string;
            /** @description Only count. Default false. */
            dry_run?: boolean;
            /** @description From the `Link` header of the page before. */
            cursor?: string;
        };
        /** @description A fresh cycle of attempts begins. */
        ResentDelivery: {
            /** @description The id of the delivery, the same as before. */
            delivery_id: string;
            /** @description The id of the message, the same as before. */
            message_id: string;
            /**
             * @description It is tried again from the beginning.
             * @constant
             */
            status: "pending";
        };
        /** @description What became of a piece of the dead letters that match. */
        ResentMatching: {
            /** @description Dead letters that match, in this piece. */
            matched: number;
            /** @description Of them, those that can go out again: their agents are there, and the sender may still write to them. */
            resendable: number;
            /** @description How many are tried again; 0 in a dry run. */
            requeued: number;
            /** @description There may be more: ask again with it. */
            cursor?: string;
        };
        /** @description What was decided. */
        Resolution: {
            /** @description The one of the request. */
            resolution_id: string;
            /**
             * @description The one of the request.
             * @enum {string}
             */
            decision: "allow" | "ask" | "deny";
            /**
             * @description The one of the request.
             * @enum {string}
             */
            delivery_mode: "full_send" | "review_required" | "hold_for_approval" | "blocked";
            /** @description What was decided, for people. */
            summary: string;
            /** @description Why. */
            reason_code: string;
        };
        /** @description Where it would go. */
        ResolvedRecipient: {
            /** @description A username, or the id of a group. */
            recipient: string;
            /** @description The agent that would get it; null for a group. */
            recipient_connection_id: string | null;
            /**
             * @description A person or a group.
             * @enum {string}
             */
            recipient_type: "user" | "group";
        };
        /** @description Whether you would have to decide. */
        ResolvedReview: {
            /** @description Whether it would be held. */
            required: boolean;
            /** @description Nothing is held yet. */
            review_id: null;
        };
        /** @description A message of yours that waits for you to decide. */
        Review: {
            /** @description To decide about it. */
            review_id: string;
            /** @description The id that the message will have. */
            message_id: string;
            /** @description Of the decision to hold it. */
            resolution_id: string;
            /**
             * @description How it is held.
             * @enum {string}
             */
            status: "review_required" | "approval_pending";
            /**
             * @description It is one of yours.
             * @constant
             */
            queue_direction: "outbound";
            /**
             * @description What was decided.
             * @enum {string}
             */
            decision: "allow" | "ask" | "deny";
            /**
             * @description What was decided.
             * @enum {string}
             */
            delivery_mode: "full_send" | "review_required" | "hold_for_approval" | "blocked";
            /** @description Why it is held, for people. */
            summary: string;
            /** @description Why it is held. */
            reason_code: string;
            /**
             * Format: date-time
             * @description Since when.
             */
            created_at: string;
            /** @description As you have given it. */
            correlation_id: string | null;
            /** @description The message that it answers. */
            in_response_to: string | null;
            /** @description What the message is. */
            payload_type: string;
            /** @description The beginning of the message: 240 characters. */
            message_preview: string;
            /** @description The beginning of its context: 200 characters. */
            context_preview: string | null;
            selectors: components["schemas"]["Selectors"];
            sender: components["schemas"]["ReviewSender"];
            recipient: components["schemas"]["ReviewRecipient"];
            applied_policy: components["schemas"]["ReviewPolicy"];
            audit: components["schemas"]["DecisionAudit"];
        };
        /** @description A message of yours is no longer held. */
        ReviewClosedEvent: {
            /** @description Its place in the log: go on after it when the stream breaks. */
            id: string;
            /**
             * @description A message of yours is no longer held.
             * @constant
             */
            type: "review_closed";
            /**
             * Format: date-time
             * @description When it happened.
             */
            timestamp: string;
            /** @description What happened. */
            data: {
                /** @description The review. */
                review_id: string;
                /** @description The message, if it is sent. */
                message_id: string;
                /** @description Whom it is for: a username, or a group id. */
                recipient: string;
                /** @description As its sender gave it. */
                correlation_id?: string;
                /** @description Your agent that wants to send it. */
                sender_connection_id?: string;
                /**
                 * @description What became of it.
                 * @enum {string}
                 */
                status: "approved" | "rejected" | "expired";
            };
        };
        /** @description Which policies it was. */
        ReviewPolicy: {
            /** @description The policies that matched. */
            matched_policy_ids: string[];
            /** @description The one that decided. */
            winning_policy_id: string | null;
        };
        /** @description What was asked for. */
        ReviewQueue: {
            /** @description How many are in this page. */
            count: number;
            /**
             * @description The one of the request.
             * @enum {string}
             */
            direction: "all" | "outbound" | "inbound";
            /** @description Those of the request. */
            statuses: ("review_required" | "approval_pending")[];
        };
        /** @description Whom it is for. */
        ReviewRecipient: {
            /** @description The id of the person or the group. */
            id: string;
            /**
             * @description A person or a group.
             * @enum {string}
             */
            type: "user" | "group";
            /** @description Of a person. */
            username: string | null;
            /** @description Chosen when it is sent. */
            connection_id: string | null;
        };
        /** @description A message of yours is held until you decide about it. */
        ReviewRequiredEvent: {
            /** @description Its place in the log: go on after it when the stream breaks. */
            id: string;
            /**
             * @description A message of yours is held until you decide about it.
             * @constant
             */
            type: "review_required";
            /**
             * Format: date-time
             * @description When it happened.
             */
            timestamp: string;
            /** @description What happened. */
            data: {
                /** @description The review. */
                review_id: string;
                /** @description The message, if it is sent. */
                message_id: string;
                /** @description Whom it is for: a username, or a group id. */
                recipient: string;
                /** @description As its sender gave it. */
                correlation_id?: string;
                /** @description Your agent that wants to send it. */
                sender_connection_id?: string;
            };
        };
        /** @description Who would have sent it. */
        ReviewSender: {
            /** @description Your own id. */
            user_id: string;
            /** @description Your own name. */
            username: string;
            /** @description The agent that would have sent it. */
            connection_id: string | null;
            /** @description Its framework. */
            agent: string;
        };
        /** @description Messages of yours that wait for you to decide. */
        Reviews: {
            /**
             * @description The version of the shapes of the plugin API.
             * @constant
             */
            contract_version: "1.0.0";
            review_queue: components["schemas"]["ReviewQueue"];
            /** @description Newest first. */
            reviews: components["schemas"]["Review"][];
        };
        /** @description What you can call a friend. */
        Role: {
            /** @description The name of a role. */
            name: string;
            /** @description What it is for. */
            description: string;
            /** @description Everybody has it. */
            is_system: boolean;
        };
        /** @description The roles that you can give to friends. */
        Roles: {
            /** @description All of them. */
            roles: components["schemas"]["Role"][];
        };
        /** @description The key that replaces the one that asked. */
        RotatedKey: {
            /** @description Shown this once. The old one is dead. */
            api_key: string;
        };
        /** @description How far a change of the secret is. */
        SecretState: {
            api_keys: components["schemas"]["KeysBySecret"];
            callback_secrets: components["schemas"]["SecretsBySecret"];
            /** @description What tells whether SECRET_KEY is right is still under the previous one. */
            check_value_is_previous: boolean;
            /** @description Who has an API key that is not under `SECRET_KEY`; the first hundred. */
            users_not_current: string[];
            /**
             * Format: date-time
             * @description When it was looked at; it is remembered for 30 seconds.
             */
            checked_at: string;
            /** @description Whether `SECRET_KEY_PREVIOUS` is set. */
            previous_is_given: boolean;
        };
        /** @description Secrets of callbacks. */
        SecretsBySecret: {
            /** @description Under `SECRET_KEY`. */
            current: number;
            /** @description Under `SECRET_KEY_PREVIOUS`. */
            previous: number;
            /** @description Under neither: these do not work. */
            lost: number;
        };
        /** @description What kind of message it is. */
        Selectors: {
            /** @description Which way it goes. */
            direction: string;
            /** @description What it is about. */
            resource: string;
            /** @description What is done with it. */
            action: string;
        };
        /** @description A message to a friend, or to a group that you are a member of. */
        SendMessage: {
            /** @description A username, or the id of a group. */
            recipient: string;
            /**
             * @description What `recipient` names. Default `user`.
             * @enum {string}
             */
            recipient_type?: "user" | "group";
            /** @description The agent that gets it; not for a group. Without it the registry chooses. */
            recipient_connection_id?: string;
            /** @description The agent that sends it, one of your own. */
            sender_connection_id?: string;
            /** @description Which of the recipient’s agents would be best. */
            routing_hints?: {
                /** @description The first agent with one of these labels gets it. */
                labels?: string[];
                /** @description Else the first one with one of these capabilities. */
                tags?: string[];
            };
            /** @description At most MAX_PAYLOAD_SIZE bytes of UTF-8 (32,768 unless the operator says otherwise). */
            message: string;
            /** @description What the agent should know beside. At most 4096 bytes of UTF-8. */
            context?: string;
            /** @description What `message` is. Default `text/plain`; `application/mahilo+ciphertext` for end-to-end encryption. */
            payload_type?: string;
            encryption?: components["schemas"]["Encryption"];
            sender_signature?: components["schemas"]["SenderSignature"];
            /** @description What belongs together, in words of yours. */
            correlation_id?: string;
            /** @description The message that this one answers. */
            in_response_to?: string;
            /** @description Repeat the request with the same key, and it is one message. */
            idempotency_key?: string;
            /** @description The decision that allows it (`POST /plugin/local-decisions/commit`). */
            resolution_id?: string;
            /** @description One of outbound, inbound, request, response, notification, error. */
            direction?: string;
            /** @description What it is about: two words with a dot. */
            resource?: string;
            /** @description What is done with it. */
            action?: string;
            declared_selectors?: components["schemas"]["DeclaredSelectors"];
        };
        /** @description What would become of a message. */
        SendPreview: {
            /**
             * @description The version of the shapes of the plugin API.
             * @constant
             */
            contract_version: "1.0.0";
            /** @description The one of the request, or a new one. */
            resolution_id: string;
            /**
             * @description What would be decided.
             * @enum {string}
             */
            decision: "allow" | "ask" | "deny";
            /**
             * @description How it would be delivered.
             * @enum {string}
             */
            delivery_mode: "full_send" | "review_required" | "hold_for_approval" | "blocked";
            /** @description What would be decided, for people. */
            resolution_summary: string;
            /** @description What your agent should do. */
            agent_guidance: string;
            /** @description Why. */
            reason_code: string;
            server_selectors: components["schemas"]["Selectors"];
            resolved_recipient: components["schemas"]["ResolvedRecipient"];
            review: components["schemas"]["ResolvedReview"];
            /** @description One for each person whom it would reach. */
            recipient_results: components["schemas"]["PreviewResult"][];
            /**
             * Format: date-time
             * @description Until when this is worth something.
             */
            expires_at: string;
        };
        /** @description The sender’s own signature. The registry hands it on unchecked. */
        SenderSignature: {
            /** @description The algorithm. */
            alg: string;
            /** @description Which of the sender’s keys has signed. */
            key_id: string;
            /** @description The signature, in a form that the two agents agree on. */
            signature: string;
        };
        /** @description The message is on disk, and its delivery is the registry’s duty, unless it is held. */
        SentMessage: {
            /** @description The id of the message. */
            message_id: string;
            /**
             * @description How things stand at this moment. `review_required`: it is held until you decide (`POST /plugin/reviews/{id}/decision`). `rejected`: you, or a policy, did not allow what was held, or was sent with `resolution_id`.
             * @enum {string}
             */
            status: "delivered" | "pending" | "failed" | "rejected" | "review_required";
            /** @description Why a policy forbids the message. */
            rejection_reason?: string;
            /** @description The id of its delivery, of a message to a person. */
            delivery_id?: string;
            /** @description Of a message to a group: members that it is owed to. */
            recipients?: number;
            /** @description How many of them have it. */
            delivered?: number;
            /** @description How many do not have it yet. */
            pending?: number;
            /** @description How many will not get it. */
            failed?: number;
            /**
             * @description This is the answer to an earlier request with the same idempotency key.
             * @constant
             */
            deduplicated?: true;
            resolution?: components["schemas"]["HeldResolution"];
            /** @description Of a message that is held: one for each recipient. */
            recipient_results?: components["schemas"]["HeldRecipientResult"][];
        };
        /** @description A test message is on its way to your agent. */
        SentTest: {
            /** @description The message, which you have sent to yourself. */
            message_id: string;
            /** @description Its delivery: see there what becomes of it. */
            delivery_id: string;
            /**
             * @description It is on its way.
             * @constant
             */
            status: "pending";
        };
        /** @description A browser at which you are signed in. */
        Session: {
            /** @description The session. */
            id: string;
            way: components["schemas"]["SignInWay"];
            /** @description The browser, as it calls itself. */
            browser: string;
            /**
             * Format: date-time
             * @description When you signed in.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it was last used, to the hour.
             */
            last_used_at: string;
            /**
             * Format: date-time
             * @description When it ends, unless it is used before.
             */
            expires_at: string;
            /**
             * @description It is the session that asks.
             * @constant
             */
            current?: true;
        };
        /** @description A setting of the API process. */
        Setting: {
            /** @description The environment variable. */
            name: string;
            /** @description What it does. */
            description: string;
            /** @description What is in force; of a secret `set`; without it, nothing. */
            value?: string;
            /** @description What holds when nobody gives it. */
            default?: string;
            /** @description What it is counted in. */
            unit?: string;
            /** @description Whether somebody has given it. */
            given: boolean;
            /** @description Its value is never shown. */
            secret: boolean;
        };
        /** @description The settings of the API process. */
        Settings: {
            /** @description All of them. */
            settings: components["schemas"]["Setting"][];
            /** @description Variables that nobody reads although they look like a setting. */
            warnings: string[];
        };
        /** @description One of the two. */
        SignIn: {
            /** @description An API key of scope `all`. */
            api_key?: string;
            /** @description What stands behind the `#` of a link from the operator. */
            link_token?: string;
        } & (unknown | unknown);
        /** @description A link with which a user signs in, once. */
        SignInLink: {
            /** @description The link is `<registry>/console/#link=<link_token>`. Shown this once; whoever has it can sign in. */
            link_token: string;
            /**
             * Format: date-time
             * @description Until when it can be used.
             */
            expires_at: string;
        };
        /**
         * @description How you signed in: with a key, by the approval of an agent, or with a link of the operator’s.
         * @enum {string}
         */
        SignInWay: "api_key" | "agent" | "link";
        /** @description Who is signed in. The session itself is in a cookie, and nowhere else. */
        SignedIn: {
            /**
             * @description You are signed in; the cookie says so.
             * @constant
             */
            authenticated: true;
            /** @description Your id. */
            user_id: string;
            /** @description Your name. */
            username: string;
            /** @description What your friends are shown; null: nothing. */
            display_name: string | null;
            /**
             * Format: date-time
             * @description When you will have to sign in again, at the latest.
             */
            session_expires_at: string;
            /** @description The session. */
            session_id: string;
        };
        /** @description A place in the message. */
        Span: {
            /** @description In UTF-16 code units from the beginning of the message. */
            start: number;
            /** @description In UTF-16 code units from the beginning of the message. */
            end: number;
        };
        /** @description A sign-in that waits for the approval of an agent. */
        StartBrowserLogin: {
            /** @description Who wants to sign in. Whether there is such a person makes no difference to the answer. */
            username: string;
        };
        /** @description A sign-in that has begun. */
        StartedBrowserLogin: {
            /** @description The attempt. */
            attempt_id: string;
            /**
             * Format: date-time
             * @description When it began.
             */
            created_at: string;
            status: components["schemas"]["BrowserLoginStatus"];
            /**
             * Format: date-time
             * @description Until when it can be approved and redeemed.
             */
            expires_at: string;
            /**
             * Format: date-time
             * @description When an agent approved it.
             */
            approved_at: string | null;
            /**
             * Format: date-time
             * @description When an agent denied it.
             */
            denied_at: string | null;
            /**
             * Format: date-time
             * @description When the browser was signed in.
             */
            redeemed_at: string | null;
            /**
             * @description Why it will not come to anything.
             * @enum {unknown}
             */
            failure_state: "denied" | "expired" | null;
            /**
             * @description The same as an error code.
             * @enum {unknown}
             */
            failure_code: "LOGIN_ATTEMPT_DENIED" | "LOGIN_ATTEMPT_EXPIRED" | null;
            /** @description The same for people. */
            failure_message: string | null;
            /**
             * Format: date-time
             * @description Since when.
             */
            failure_at: string | null;
            /** @description The browser, as it calls itself. */
            browser: string;
            /** @description What the agent is to approve. */
            approval_code: string;
            /** @description What the browser must show to go on; shown this once. */
            browser_token: string;
        };
        /** @description It is done. */
        Success: {
            /**
             * @description It is done.
             * @constant
             */
            success: true;
        };
        /** @description What was said with one person, or in one group, under one correlation id. */
        Thread: {
            /** @description The username of the other person, or the id of the group. */
            with: string;
            /**
             * @description What `with` names.
             * @enum {string}
             */
            with_type: "user" | "group";
            /** @description The name of the group. */
            group_name?: string;
            /** @description What it is about; absent: nothing in particular. */
            correlation_id?: string;
            latest: components["schemas"]["LatestMessage"];
        };
        /** @description What all processes have counted. */
        Traffic: {
            /** @description How long a step is. */
            step_seconds: number;
            /** @description The oldest first; the last one is not over. */
            steps: components["schemas"]["TrafficStep"][];
        };
        /** @description What was counted in a step. */
        TrafficStep: {
            /**
             * Format: date-time
             * @description When the step began.
             */
            at: string;
            /** @description Messages that were accepted. */
            accepted: number;
            /** @description Deliveries that arrived. */
            delivered: number;
            /** @description Deliveries that became dead letters. */
            failed: number;
            /** @description Callbacks that were tried. */
            attempts: number;
            /** @description Requests to the API. */
            requests: number;
            /** @description Requests that were refused with 401. */
            unauthorized: number;
            /** @description Requests that were refused with 429. */
            limited: number;
            /** @description Requests that failed with a status from 500 on. */
            errors: number;
            wait?: components["schemas"]["WaitOfStep"];
            callback?: components["schemas"]["CallbackOfStep"];
        };
        /** @description The group is somebody else’s now. */
        TransferredGroup: {
            /**
             * @description It is done.
             * @constant
             */
            success: true;
            /** @description The id of the new owner. */
            new_owner_user_id: string;
        };
        /** @description What policies say about a message. */
        TriedMessage: {
            effect: components["schemas"]["PolicyEffect"];
            /** @description Why, for people. */
            summary: string;
            /** @description Why. */
            reason_code: string;
            /** @description Whether this registry itself judges messages (`TRUSTED_MODE`), and not only agents do. */
            enforced: boolean;
            /** @description The policies that concern it, by effect and priority: the first 50. */
            concerned: components["schemas"]["ConcernedPolicy"][];
        };
        /** @description Which of my messages a policy would have concerned. */
        TriedSample: {
            /** @description How many messages could be judged. */
            tried: number;
            /** @description How many could not, since they are encrypted. */
            encrypted: number;
            /** @description Whether all were tried that were asked for; else its patterns take too long, or the messages are too large. */
            is_complete: boolean;
            /** @description Newest first. */
            concerned: components["schemas"]["ConcernedMessage"][];
        };
        /** @description A message that is judged and not sent. */
        TryMessage: {
            /** @description A username, or the id of a group. */
            recipient: string;
            /**
             * @description What `recipient` names. Default `user`.
             * @enum {string}
             */
            recipient_type?: "user" | "group";
            /** @description What would be sent. */
            message: string;
            /** @description The context that it would have. At most 4096 bytes of UTF-8. */
            context?: string;
            /** @description One of outbound, inbound, request, response, notification, error. */
            direction?: string;
            /** @description What it is about: two words with a dot. */
            resource?: string;
            /** @description What is done with it. */
            action?: string;
            declared_selectors?: components["schemas"]["DeclaredSelectors"];
            draft?: components["schemas"]["PolicyDraft"];
            /** @description A policy that is left out, since the draft is to replace it. */
            replaces?: string;
        };
        /** @description A policy to try over messages that I have sent. */
        TrySample: {
            draft: components["schemas"]["PolicyDraft"];
            /**
             * @description How many of my latest messages.
             * @default 100
             */
            sample?: number;
            /** @description One of outbound, inbound, request, response, notification, error. */
            direction?: string;
            /** @description What it is about: two words with a dot. */
            resource?: string;
            /** @description What is done with it. */
            action?: string;
            declared_selectors?: components["schemas"]["DeclaredSelectors"];
        };
        /** @description Ask another one, or later. */
        Unready: {
            /**
             * @description The log says why.
             * @constant
             */
            status: "unready";
            /** @description While the database is being upgraded: how far that is. */
            reason?: string;
        };
        /** @description A connection that was there already is as the request says, and active. */
        UpdatedAgent: {
            /** @description The id of the connection. */
            connection_id: string;
            /**
             * @description There was one already.
             * @constant
             */
            updated: true;
            /** @description With `rotate_secret`, and when an agent that polled takes callbacks now. */
            callback_secret?: string;
            mode: components["schemas"]["AgentMode"];
        };
        /** @description The link that it is about. */
        UseGroupLink: {
            /** @description What makes the link one. Whoever has it can use it. */
            token: string;
        };
        /** @description Somebody of this registry. */
        User: {
            /** @description The user. */
            user_id: string;
            /** @description Their name. */
            username: string;
            /** @description What friends are shown. */
            display_name?: string;
            /**
             * Format: date-time
             * @description When they registered.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description Since when they are shut out.
             */
            disabled_at?: string;
            /**
             * Format: date-time
             * @description Since when they may be the operator at a browser.
             */
            operator_since?: string;
            /**
             * Format: date-time
             * @description When the account was deleted; the name stays taken.
             */
            deleted_at?: string;
            /** @description How many agents they have. */
            agents: number;
        };
        /** @description Somebody of this registry, and how much they have. */
        UserDetails: {
            /** @description The user. */
            user_id: string;
            /** @description Their name. */
            username: string;
            /** @description What friends are shown. */
            display_name?: string;
            /**
             * Format: date-time
             * @description When they registered.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description Since when they are shut out.
             */
            disabled_at?: string;
            /**
             * Format: date-time
             * @description Since when they may be the operator at a browser.
             */
            operator_since?: string;
            /** @description What they may have so much of, and how much they have. */
            limits: components["schemas"]["Limit"][];
        };
        /** @description From accepting a message to its first attempt; without one, none. */
        WaitOfStep: {
            /** @description Half of them took at most so long (ms). */
            p50: number;
            /** @description 95 of 100 took at most so long (ms). */
            p95: number;
            /** @description 99 of 100 took at most so long (ms). */
            p99: number;
        };
        /** @description A message of yours that waits for you to decide, whole. */
        WholeReview: {
            /**
             * @description The version of the shapes of the plugin API.
             * @constant
             */
            contract_version: "1.0.0";
            /** @description To decide about it. */
            review_id: string;
            /** @description The id that the message will have. */
            message_id: string;
            /** @description Of the decision to hold it. */
            resolution_id: string;
            /**
             * @description How it is held.
             * @enum {string}
             */
            status: "review_required" | "approval_pending";
            /**
             * @description It is one of yours.
             * @constant
             */
            queue_direction: "outbound";
            /**
             * @description What was decided.
             * @enum {string}
             */
            decision: "allow" | "ask" | "deny";
            /**
             * @description What was decided.
             * @enum {string}
             */
            delivery_mode: "full_send" | "review_required" | "hold_for_approval" | "blocked";
            /** @description Why it is held, for people. */
            summary: string;
            /** @description Why it is held. */
            reason_code: string;
            /**
             * Format: date-time
             * @description Since when.
             */
            created_at: string;
            /** @description As you have given it. */
            correlation_id: string | null;
            /** @description The message that it answers. */
            in_response_to: string | null;
            /** @description What the message is. */
            payload_type: string;
            /** @description The beginning of the message: 240 characters. */
            message_preview: string;
            /** @description The beginning of its context: 200 characters. */
            context_preview: string | null;
            selectors: components["schemas"]["Selectors"];
            sender: components["schemas"]["ReviewSender"];
            recipient: components["schemas"]["ReviewRecipient"];
            applied_policy: components["schemas"]["ReviewPolicy"];
            audit: components["schemas"]["DecisionAudit"];
            /** @description The whole message; as it was encrypted, if it was. */
            message: string;
            /** @description The whole context. */
            context: string | null;
        };
        /** @description A process that delivers. */
        WorkerProcess: {
            /** @description The worker. */
            id: string;
            /**
             * Format: date-time
             * @description When it started.
             */
            started_at: string;
            /**
             * Format: date-time
             * @description When it last said that it is alive.
             */
            last_heard_of_at: string;
            /** @description Whether that was just now. */
            alive: boolean;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The process answers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Requests are welcome. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ready"];
                };
            };
        };
    };
    register: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description A new person. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["Register"];
            };
        };
        responses: {
            /** @description You are registered. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Registered"];
                };
            };
        };
    };
    getProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The person whose key asks. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Profile"];
                };
            };
        };
    };
    deleteAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    changeProfile: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description What is to change. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangeProfile"];
            };
        };
        responses: {
            /** @description The person whose key asks. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Profile"];
                };
            };
        };
    };
    rotateKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key that replaces the one that asked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RotatedKey"];
                };
            };
        };
    };
    listKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"][];
                };
            };
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description A further API key. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateKey"];
            };
        };
        responses: {
            /** @description The new key. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedKey"];
                };
            };
        };
    };
    revokeKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    listSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"][];
                };
            };
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description One of the two. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description Who is signed in. The session itself is in a cookie, and nowhere else. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedIn"];
                };
            };
        };
    };
    endSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a session; `current`: the one that asks; `others`: all but the one that asks. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    startBrowserLogin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description A sign-in that waits for the approval of an agent. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["StartBrowserLogin"];
            };
        };
        responses: {
            /** @description A sign-in that has begun. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StartedBrowserLogin"];
                };
            };
        };
    };
    getBrowserLogin: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `browser_token` of the start. */
                "x-browser-login-token"?: string;
            };
            path: {
                /** @description The attempt, as its start answered it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A sign-in that waits for the approval of an agent, or what has become of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BrowserLogin"];
                };
            };
        };
    };
    redeemBrowserLogin: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `browser_token` of the start. */
                "x-browser-login-token"?: string;
            };
            path: {
                /** @description The attempt, as its start answered it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description You are signed in: the session is in a cookie. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RedeemedBrowserLogin"];
                };
            };
        };
    };
    approveBrowserLogin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Which sign-in. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["BrowserLoginApproval"];
            };
        };
        responses: {
            /** @description A sign-in, with its code. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BrowserLoginWithCode"];
                };
            };
        };
    };
    denyBrowserLogin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Which sign-in. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["BrowserLoginApproval"];
            };
        };
        responses: {
            /** @description A sign-in, with its code. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BrowserLoginWithCode"];
                };
            };
        };
    };
    listBrowserLogins: {
        parameters: {
            query?: {
                /** @description At most so many. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Who wants, or wanted, to sign in in your name. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BrowserLoginDiagnostics"];
                };
            };
        };
    };
    listLimits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Limit"][];
                };
            };
        };
    };
    exportOwnData: {
        parameters: {
            query?: {
                /** @description To go on where a download broke off: the id of the last whole message of it. Only older ones follow. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
        };
    };
    listAgents: {
        parameters: {
            query?: {
                /** @description Items in a page. Without it up to 1000 come, and fewer when they are large. */
                limit?: number;
                /** @description From the `Link` header of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Agent"][];
                };
            };
        };
    };
    registerAgent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description An agent with a `callback_url` is called; one without it polls. The same framework and label again is an update. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegisterAgent"];
            };
        };
        responses: {
            /** @description A connection that was there already is as the request says, and active. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UpdatedAgent"];
                };
            };
            /** @description A new connection. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegisteredAgent"];
                };
            };
        };
    };
    deleteAgent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    pingAgent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether the agent is there. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ping"];
                };
            };
        };
    };
    testAgent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A test message is on its way to your agent. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SentTest"];
                };
            };
        };
    };
    checkAgent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether an agent treats callbacks as it should. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentCheck"];
                };
            };
        };
    };
    requestFriend: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Whom it is about. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["NameFriend"];
            };
        };
        responses: {
            /** @description A friendship, or the request for one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Friendship"];
                };
            };
            /** @description A friendship, or the request for one. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Friendship"];
                };
            };
        };
    };
    acceptFriend: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A friendship, or the request for one. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Friendship"];
                };
            };
        };
    };
    rejectFriend: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    blockUser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Whom it is about. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["NameFriend"];
            };
        };
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    blockFriend: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    removeFriend: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    listFriends: {
        parameters: {
            query?: {
                /** @description Which of them. Default `accepted`. */
                status?: "accepted" | "pending" | "blocked";
                /** @description Only those that you had asked for (`sent`), or the others. */
                direction?: "sent" | "received";
                /** @description Only the one with this person: their username, or their id. */
                with?: string;
                /** @description Items in a page. Without it up to 1000 come, and fewer when they are large. */
                limit?: number;
                /** @description From the `Link` header of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Friend"][];
                };
            };
        };
    };
    listContacts: {
        parameters: {
            query?: {
                /** @description Items in a page. Without it up to 1000 come, and fewer when they are large. */
                limit?: number;
                /** @description From the `Link` header of the page before. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The username of the friend. */
                username: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Contact"][];
                };
            };
        };
    };
    listRoles: {
        parameters: {
            query?: {
                /** @description Only those that everybody has, or only one’s own. */
                type?: "system" | "custom";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The roles that you can give to friends. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Roles"];
                };
            };
        };
    };
    listFriendRoles: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The roles of a friend, as you have given them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendRoles"];
                };
            };
        };
    };
    giveFriendRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        /** @description A role for a friend. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["GiveRole"];
            };
        };
        responses: {
            /** @description The friend has this role now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GivenRole"];
                };
            };
        };
    };
    takeFriendRole: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
                /** @description The name of the role. */
                role: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    listFriendLinks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendLink"][];
                };
            };
        };
    };
    createFriendLink: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A new link; this is the only time that it is shown. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedFriendLink"];
                };
            };
        };
    };
    readFriendLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description What makes the link one. Whoever has it can use it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whose friend the link makes you. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FriendLinkMaker"];
                };
            };
        };
    };
    withdrawFriendLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    acceptFriendLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description What makes the link one. Whoever has it can use it. */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The friendship that the link has made. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LinkedFriend"];
                };
            };
        };
    };
    listGroups: {
        parameters: {
            query?: {
                /** @description Only those that you are a member of (`active`), or invited to. Default: both. */
                status?: "invited" | "active";
                /** @description Items in a page. Without it up to 1000 come, and fewer when they are large. */
                limit?: number;
                /** @description From the `Link` header of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Group"][];
                };
            };
        };
    };
    createGroup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description A new group. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateGroup"];
            };
        };
        responses: {
            /** @description The new group. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedGroup"];
                };
            };
        };
    };
    getGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A group that you are a member of, or invited to. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Group"];
                };
            };
        };
    };
    deleteGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    changeGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        /** @description What is to change. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangeGroup"];
            };
        };
        responses: {
            /** @description A group that you are a member of, or invited to. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Group"];
                };
            };
        };
    };
    transferGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        /** @description Whom it is about. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["NameMember"];
            };
        };
        responses: {
            /** @description The group is somebody else’s now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransferredGroup"];
                };
            };
        };
    };
    listMembers: {
        parameters: {
            query?: {
                /** @description Items in a page. Without it up to 1000 come, and fewer when they are large. */
                limit?: number;
                /** @description From the `Link` header of the page before. */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"][];
                };
            };
        };
    };
    joinGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The group that you are in now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JoinedGroup"];
                };
            };
        };
    };
    leaveGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description You are in it no more. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LeftGroup"];
                };
            };
        };
    };
    inviteMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        /** @description Whom it is about. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["NameMember"];
            };
        };
        responses: {
            /** @description An invitation to a group. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invitation"];
                };
            };
        };
    };
    removeMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the group. */
                id: string;
                /** @description The username of the member. */
                username: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    changeMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the group. */
                id: string;
                /** @description The username of the member. */
                username: string;
            };
            cookie?: never;
        };
        /** @description A role for a member. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangeMember"];
            };
        };
        responses: {
            /** @description The member in their new role. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedMember"];
                };
            };
        };
    };
    listGroupLinks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GroupLink"][];
                };
            };
        };
    };
    createGroupLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        /** @description A link to a group of mine. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateGroupLink"];
            };
        };
        responses: {
            /** @description A new link; this is the only time that it is shown. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedGroupLink"];
                };
            };
        };
    };
    withdrawGroupLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the group. */
                id: string;
                /** @description The id of the link. */
                link_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    readGroupLink: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The link that it is about. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["UseGroupLink"];
            };
        };
        responses: {
            /** @description Where a link leads. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GroupLinkShown"];
                };
            };
        };
    };
    joinByGroupLink: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The link that it is about. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["UseGroupLink"];
            };
        };
        responses: {
            /** @description The group that you are in now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JoinedGroup"];
                };
            };
        };
    };
    listPolicies: {
        parameters: {
            query?: {
                /** @description Only policies of this scope. */
                scope?: "global" | "user" | "role" | "group";
                /** @description Only policies for this target. */
                target_id?: string;
                /** @description Items in a page. Without it up to 1000 come, and fewer when they are large. */
                limit?: number;
                /** @description From the `Link` header of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"][];
                };
            };
        };
    };
    createPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description A rule for what your agents, or the members of a group that you run, may send. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreatePolicy"];
            };
        };
        responses: {
            /** @description The new policy. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedPolicy"];
                };
            };
        };
    };
    getPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A rule for what agents may send. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Policy"];
                };
            };
        };
    };
    deletePolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    changePolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        /** @description What is to change; the rest stays as it is. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangePolicy"];
            };
        };
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    createOverride: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description What is to be different, for what, and for how long. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateOverride"];
            };
        };
        responses: {
            /** @description The policy that was made of it. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedOverride"];
                };
            };
        };
    };
    testPolicies: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description A message that is judged and not sent. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["TryMessage"];
            };
        };
        responses: {
            /** @description What policies say about a message. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TriedMessage"];
                };
            };
        };
    };
    samplePolicy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description A policy to try over messages that I have sent. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["TrySample"];
            };
        };
        responses: {
            /** @description Which of my messages a policy would have concerned. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TriedSample"];
                };
            };
        };
    };
    sendMessage: {
        parameters: {
            query?: never;
            header?: {
                /** @description The same as `idempotency_key`; both, and different, are refused. */
                "idempotency-key"?: string;
                /** @description `wait=N`: answer when the delivery has settled, or after N seconds, at most 30 (RFC 7240). */
                prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description A message to a friend, or to a group that you are a member of. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["SendMessage"];
            };
        };
        responses: {
            /** @description The message is on disk, and its delivery is the registry’s duty, unless it is held. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SentMessage"];
                };
            };
        };
    };
    listMessages: {
        parameters: {
            query?: {
                /** @description Only what you sent, or what you were sent. */
                direction?: "sent" | "received";
                /** @description Only what was accepted since: ISO 8601, or Unix seconds or milliseconds. */
                since?: string;
                /** @description Only messages with this status. */
                status?: "pending" | "delivered" | "failed" | "rejected";
                /** @description Only messages with this correlation id; empty: those without one. */
                correlation_id?: string;
                /** @description Only what went between you and this person (a username), or through this group (its id). */
                with?: string;
                /** @description What `with` names. Default `user`. */
                with_type?: "user" | "group";
                /** @description `delivery_counts`: what became of each, in numbers. */
                include?: "delivery_counts";
                /** @description Items in a page. */
                limit?: number;
                /** @description From the `Link` header of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Message"][];
                };
            };
        };
    };
    getMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A message, and what has become of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageWithDeliveries"];
                };
            };
        };
    };
    eraseMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    listThreads: {
        parameters: {
            query?: {
                /** @description Only what went between you and this person (a username), or through this group (its id). */
                with?: string;
                /** @description What `with` names. Default `user`. */
                with_type?: "user" | "group";
                /** @description Items in a page. */
                limit?: number;
                /** @description From the `Link` header of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Thread"][];
                };
            };
        };
    };
    getPromptContext: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description To whom your agent is about to write. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["PromptContextRequest"];
            };
        };
        responses: {
            /** @description What an agent should know before it writes to a friend. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PromptContext"];
                };
            };
        };
    };
    previewSend: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description A message to a friend, or to a group that you are a member of. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["SendMessage"];
            };
        };
        responses: {
            /** @description What would become of a message. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SendPreview"];
                };
            };
        };
    };
    getDirectSendBundle: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Whom a message is for, and what kind of message it is. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["DirectSendBundleRequest"];
            };
        };
        responses: {
            /** @description What an agent needs to decide about a message to a friend. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DirectSendBundle"];
                };
            };
        };
    };
    getGroupFanoutBundle: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Which group a message is for, and what kind of message it is. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupFanoutBundleRequest"];
            };
        };
        responses: {
            /** @description What an agent needs to decide about a message to each member of a group. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GroupFanoutBundle"];
                };
            };
        };
    };
    commitLocalDecision: {
        parameters: {
            query?: never;
            header?: {
                /** @description As `idempotency_key` in the body, which wins. */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description A message, and what was decided about it. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["CommitLocalDecision"];
            };
        };
        responses: {
            /** @description What was decided is on disk. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CommittedDecision"];
                };
            };
        };
    };
    listReviews: {
        parameters: {
            query?: {
                /** @description `open` (the default), `review_required`, `approval_pending`, or some with commas between. */
                status?: string;
                /** @description One of all, outbound, inbound (the default). Nothing is `inbound`: it is for its sender alone. */
                direction?: string;
                /** @description Items in a page; more than 100 are 100. */
                limit?: string;
                /** @description From the `Link` header of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Messages of yours that wait for you to decide. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Reviews"];
                };
            };
        };
    };
    listBlockedEvents: {
        parameters: {
            query?: {
                /** @description One of all, outbound, inbound (the default). Nothing is `inbound`: it is for its sender alone. */
                direction?: string;
                /** @description Items in a page; more than 100 are 100. */
                limit?: string;
                /** @description From the `Link` header of the page before. */
                cursor?: string;
                /** @description `true` or `1` shows the beginning of each message; `false` or `0` (the default) does not. */
                include_payload_excerpt?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Messages of yours that policies, or you, have refused. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BlockedEvents"];
                };
            };
        };
    };
    getReview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `review_id`, or the id of the message. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A message of yours that waits for you to decide, whole. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WholeReview"];
                };
            };
        };
    };
    decideReview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `review_id`, or the id of the message. */
                id: string;
            };
            cookie?: never;
        };
        /** @description What you decide about a held message. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["DecideReview"];
            };
        };
        responses: {
            /** @description What was held, and is no longer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DecidedReview"];
                };
            };
        };
    };
    listDeliveries: {
        parameters: {
            query?: {
                /** @description Only deliveries with this status; `waiting`: what is `pending` or `leased`. */
                status?: "pending" | "leased" | "delivered" | "failed" | "cancelled" | "waiting";
                /** @description Only those to this agent of yours. */
                connection_id?: string;
                /** @description Only those of your messages, or those to your agents. */
                direction?: "sent" | "received";
                /** @description Only what went between you and this person (a username), or through this group (its id). */
                with?: string;
                /** @description What `with` names. Default `user`. */
                with_type?: "user" | "group";
                /** @description Only what was accepted since: ISO 8601, or Unix seconds or milliseconds. */
                since?: string;
                /** @description Only those whose latest attempt ended like this. */
                outcome?: "delivered" | "http_status" | "redirect" | "gone" | "timeout" | "dns" | "tls" | "connection" | "response" | "refused_address";
                /** @description Only those of messages with this correlation id; empty: of those without one. */
                correlation_id?: string;
                /** @description Items in a page. */
                limit?: number;
                /** @description From the `Link` header of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivery"][];
                };
            };
        };
    };
    getDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A delivery, with what it is about. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivery"];
                };
            };
        };
    };
    listAttempts: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Attempt"][];
                };
            };
        };
    };
    resendDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A fresh cycle of attempts begins. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResentDelivery"];
                };
            };
        };
    };
    resendMatching: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Which dead letters are sent again: those that meet all of it, so all of them if it says nothing. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResendMatching"];
            };
        };
        responses: {
            /** @description What became of a piece of the dead letters that match. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ResentMatching"];
                };
            };
        };
    };
    recoverAgent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        /** @description Since when to requeue. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["RecoverAgent"];
            };
        };
        responses: {
            /** @description What is tried again. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecoveredAgent"];
                };
            };
        };
    };
    fetchInbox: {
        parameters: {
            query?: {
                /** @description Whose messages. Default: all of your polling connections. */
                connection_id?: string;
                /** @description Messages in an answer. */
                limit?: number;
                /** @description Seconds to wait for a message when there is none. */
                wait?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Oldest first. Each is yours for 60 seconds, and comes again if nobody acknowledges it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InboxMessage"][];
                };
            };
        };
    };
    acknowledgeMessages: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description What your agent has dealt with. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcknowledgeMessages"];
            };
        };
        responses: {
            /** @description What is settled now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AcknowledgedMessages"];
                };
            };
        };
    };
    streamEvents: {
        parameters: {
            query?: {
                /** @description The `id` of the last event that arrived: the stream goes on after it. Without it, from now on. */
                last_event_id?: string;
            };
            header?: {
                /** @description The `id` of the last event that arrived: the stream goes on after it. Without it, from now on. */
                "last-event-id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
        };
    };
    openEventSocket: {
        parameters: {
            query?: {
                /** @description The `id` of the last event that arrived: the stream goes on after it. Without it, from now on. */
                last_event_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: never;
    };
    getRegistryHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How the registry is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegistryHealth"];
                };
            };
        };
    };
    listProcesses: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The processes of the registry. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Processes"];
                };
            };
        };
    };
    getSecretState: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How far a change of the secret is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecretState"];
                };
            };
        };
    };
    listSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The settings of the API process. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
        };
    };
    getQueue: {
        parameters: {
            query?: {
                /** @description A row for each host of callbacks, or for each agent. */
                by?: "host" | "agent";
                /** @description The host, and the port if it is another one than usual. */
                host?: string;
                /** @description Rows at most. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What is owed to whom. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Queue"];
                };
            };
        };
    };
    holdAgent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        /** @description Why it is held. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["Hold"];
            };
        };
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    releaseAgent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    tryAgentNow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    holdHost: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Which agents, and why they are held. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["HoldHost"];
            };
        };
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentsAtHost"];
                };
            };
        };
    };
    releaseHost: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Which agents. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["AtHost"];
            };
        };
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentsAtHost"];
                };
            };
        };
    };
    tryHostNow: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Which agents. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["AtHost"];
            };
        };
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AgentsAtHost"];
                };
            };
        };
    };
    listDeadLetters: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Dead letters of everybody. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLetters"];
                };
            };
        };
    };
    requeueDeadLetters: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Which ones: all that fit everything that is said. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["RequeueDeadLetters"];
            };
        };
        responses: {
            /** @description What became of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequeuedDeadLetters"];
                };
            };
        };
    };
    listUsers: {
        parameters: {
            query?: {
                /** @description What the names begin with; case does not matter. */
                q?: string;
                /** @description Only disabled ones. */
                disabled?: boolean;
                /** @description Items in a page. */
                limit?: number;
                /** @description From the `Link` header of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"][];
                };
            };
        };
    };
    createUser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Somebody new. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateUser"];
            };
        };
        responses: {
            /** @description Somebody new, and the link with which they sign in. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedUser"];
                };
            };
        };
    };
    getUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Somebody of this registry, and how much they have. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserDetails"];
                };
            };
        };
    };
    removeUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    changeUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        /** @description What is to change. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChangeUser"];
            };
        };
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    resetKeyOfUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A new API key. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewKeyOfUser"];
                };
            };
        };
    };
    giveSignInLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A link with which a user signs in, once. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInLink"];
                };
            };
        };
    };
    listInvites: {
        parameters: {
            query?: {
                /** @description Items in a page. */
                limit?: number;
                /** @description From the `Link` header of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Invite"][];
                };
            };
        };
    };
    createInvite: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description A new invitation. */
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateInvite"];
            };
        };
        responses: {
            /** @description The new invitation. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedInvite"];
                };
            };
        };
    };
    revokeInvite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id, as the list or the answer that made it has it. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Success"];
                };
            };
        };
    };
    listAudit: {
        parameters: {
            query?: {
                /** @description Items in a page. */
                limit?: number;
                /** @description From the `Link` header of the page before. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditLine"][];
                };
            };
        };
    };
    getTraffic: {
        parameters: {
            query?: {
                /** @description How far back: 24 hours, unless you say otherwise. */
                range?: "1h" | "24h" | "7d" | "30d";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What all processes have counted. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Traffic"];
                };
            };
        };
    };
    receiveMessage: {
        parameters: {
            query?: never;
            header: {
                /** @description `sha256=` and the hexadecimal HMAC-SHA256 of `<timestamp>.<raw body>`, under the callback secret as it was given. */
                "X-Mahilo-Signature": string;
                /** @description When this attempt was made, in Unix seconds. */
                "X-Mahilo-Timestamp": string;
                /** @description The id of the message. */
                "X-Mahilo-Message-Id": string;
                /** @description The id of the delivery. */
                "X-Mahilo-Delivery-Id": string;
                /** @description Which attempt of the delivery this is; the first is 1. */
                "X-Mahilo-Attempt": string;
                /** @description The group, if the message went to one. */
                "X-Mahilo-Group-Id"?: string;
                /** @description Of Standard Webhooks: the id of the message, with `-r1`, `-r2`, … after a resend that somebody asked for. */
                "webhook-id": string;
                /** @description Of Standard Webhooks: the same as `X-Mahilo-Timestamp`. */
                "webhook-timestamp": string;
                /** @description Of Standard Webhooks: `v1,` and the Base64 of the HMAC-SHA256 of `<id>.<timestamp>.<raw body>`. Two of them, with a space between, for a day after the secret was rotated. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["CallbackMessage"];
            };
        };
        responses: {
            /** @description The message is delivered. It counts once the headers are in. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
